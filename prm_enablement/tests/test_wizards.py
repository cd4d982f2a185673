from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import EnablementCase


class TestWizards(EnablementCase):
    def _wizard(self, people, user=None, **values):
        return (
            self.env["prm.credential.issue"]
            .with_user(user or self.manager)
            .create(
                {
                    "certification_id": self.certification.id,
                    "partner_ids": [Command.set(people.ids)],
                    **values,
                }
            )
        )

    def test_issue_to_many(self):
        held = self._issue(self.contact, date.today() - timedelta(days=330))
        people = self.contact | self._new_people(2)
        wizard = self._wizard(people)
        self.assertEqual(wizard.held_count, 1)
        action = wizard.action_issue()
        issued = self.env["prm.credential"].search(action["domain"])
        self.assertEqual(issued.partner_id, people)
        self.assertIn(held, issued)
        self.assertEqual(set(issued.mapped("state")), {"valid"})

    def test_issue_to_nobody(self):
        with self.assertRaisesRegex(UserError, "at least one"):
            self._wizard(self.env["res.partner"]).action_issue()

    def test_issue_in_the_future(self):
        wizard = self._wizard(self.contact, date_start=date.today() + timedelta(days=2))
        with self.assertRaises(ValidationError):
            wizard.action_issue()
        self.assertFalse(self._credentials(self.contact))

    def test_issue_of_another_company(self):
        other = self.env["res.company"].create({"name": "Company B"})
        wizard = self._wizard(self.contact)
        self.certification.company_id = other
        with self.assertRaises(AccessError):
            wizard.action_issue()
        self.assertFalse(self._credentials(self.contact))

    def test_people_from_the_list(self):
        form = Form(
            self.env["prm.credential.issue"].with_context(
                active_model="res.partner", active_ids=(self.partner | self.contact).ids
            )
        )
        self.assertEqual(form.partner_ids[:].ids, self.contact.ids)

    def test_revoke(self):
        credentials = self._issue(self.contact) | self._issue(self.colleague)
        action = credentials.action_open_revoke()
        form = Form(
            self.env["prm.credential.revoke"]
            .with_user(self.program_manager)
            .with_context(**action["context"])
        )
        form.reason = "The exam leaked"
        form.save().action_revoke()
        self.assertEqual(credentials.mapped("state"), ["revoked", "revoked"])
        self.assertEqual(set(credentials.mapped("revoke_reason")), {"The exam leaked"})

    def test_partner_manager_revokes_nothing(self):
        with self.assertRaises(AccessError):
            self.env["prm.credential.revoke"].with_user(self.manager).create({"reason": "x"})
