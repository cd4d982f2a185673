from odoo.exceptions import UserError
from odoo.fields import Command

from .common import DealCase


class TestAgreement(DealCase):
    """What the program holds back while a mandatory agreement is not signed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["prm.agreement.template"].create(
            {
                "name": "Test Agreement",
                "program_ids": [Command.set(cls.program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )

    def test_unsigned_agreement_blocks_registrations(self):
        self._register(name="before")
        self.template.action_publish()
        with self.assertRaisesRegex(UserError, "Test Agreement"):
            self._register(name="after")
        draft = self._draft(name="staff")
        with self.assertRaisesRegex(UserError, "Test Agreement"):
            draft.action_submit()
        self.assertEqual(draft.state, "draft")

    def test_unless_the_program_says_otherwise(self):
        self.template.action_publish()
        self.program.unsigned_blocks_registration = False
        self.assertEqual(self._register().state, "approved")
