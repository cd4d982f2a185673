from odoo.addons.mail.tests.common import MailCase
from odoo.fields import Command

from .agreement_common import AgreementCase


class TestAgreementNewcomer(AgreementCase, MailCase):
    """People who are invited together with the beginning are asked to sign at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.send_agreements = True
        cls.newcomer, cls.person = cls._new_partner("New Partners", "new.example")

    def _check_asked(self, membership, person):
        agreement = membership.agreement_ids
        self.assertEqual(agreement.state, "sent")
        mail = self.env["mail.mail"].search(
            [("model", "=", agreement._name), ("res_id", "=", agreement.id)]
        )
        self.assertEqual(mail.recipient_ids, person)
        self.assertIn(person, agreement.message_partner_ids)

    def test_enrolled(self):
        wizard = self.env["prm.enroll"].create(
            {
                "partner_id": self.newcomer.id,
                "program_id": self.program.id,
                "contact_ids": [
                    Command.clear(),
                    Command.create({"partner_id": self.person.id, "role": "admin"}),
                ],
            }
        )
        for blocked in (False, True):
            self.program.unsigned_blocks_activation = blocked
            with self.subTest(blocked=blocked), self.mock_mail_gateway():
                action = wizard.action_enroll()
                membership = self.env["prm.membership"].browse(action["res_id"])
                self._check_asked(membership, self.person)
                membership.action_end("Once more")

    def test_approved(self):
        application = self.env["prm.application"].create(
            {
                "name": "Fresh Partners",
                "contact_name": "Fay Fresh",
                "contact_email": "fay@fresh.example",
                "program_id": self.program.id,
                "role": "admin",
            }
        )
        with self.mock_mail_gateway():
            application.action_approve()
        self._check_asked(application.membership_id, application.partner_id.child_ids)
