from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .common import PartnerCase


class TestEnroll(PartnerCase, MailCase):
    def _enroll_wizard(self, contact, role):
        return (
            self.env["prm.enroll"]
            .with_user(self.manager)
            .create(
                {
                    "partner_id": self.partner.id,
                    "program_id": self.program.id,
                    "grade_id": self.gold.id,
                    "contact_ids": [
                        Command.clear(),
                        Command.create({"partner_id": contact.id, "role": role}),
                    ],
                }
            )
        )

    def test_enroll_makes_membership_and_portal_user(self):
        with self.mock_mail_gateway():
            action = self._enroll_wizard(self.contact, "sales").action_enroll()
        membership = self.env["prm.membership"].browse(action["res_id"])
        self.assertEqual(membership.partner_id, self.partner)
        self.assertEqual(membership.state, "active")
        self.assertEqual(membership.grade_id, self.gold)
        self.assertEqual(membership.user_id, self.manager)
        user = self.contact.user_ids
        self.assertEqual(user.login, self.contact.email)
        self.assertTrue(user.has_group("prm_partner.group_partner_sales"))
        self.assertTrue(user.has_group("prm_partner.group_partner_portal"))
        self.assertTrue(user._is_portal())
        self.assertSentEmail(self.manager.company_id.partner_id.email_formatted, [self.contact])

    def test_contact_of_another_company_is_not_invited(self):
        wizard = self._enroll_wizard(self.rival_contact, "admin")
        with self.assertRaisesRegex(ValidationError, "no contact of Acme"):
            wizard.action_enroll()
        self.assertFalse(self.rival_contact.user_ids)

    def test_wizard_offers_contacts_and_lowest_tier(self):
        wizard = self.env["prm.enroll"].create(
            {"partner_id": self.partner.id, "program_id": self.program.id}
        )
        self.assertEqual(wizard.contact_ids.partner_id, self.contact)
        self.assertEqual(wizard.grade_id, self.silver)

    def test_new_role_replaces_the_old_one(self):
        user = self._new_portal_user(self.contact, "admin")
        self.contact.with_user(self.manager)._prm_invite("technical")
        self.assertTrue(user.has_group("prm_partner.group_partner_technical"))
        self.assertFalse(user.has_group("prm_partner.group_partner_admin"))
        self.assertEqual(self.contact.prm_role, "technical")

    def test_contact_without_mail_address(self):
        self.contact.email = False
        with self.assertRaisesRegex(UserError, "valid email"):
            self.contact._prm_invite("sales")

    def test_internal_user_is_not_made_a_portal_user(self):
        with self.assertRaisesRegex(UserError, "internal user"):
            self.program_manager.partner_id._prm_invite("sales")
        self.assertTrue(self.program_manager._is_internal())
