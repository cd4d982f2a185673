from odoo.exceptions import UserError

from .common import DealCase


class TestLead(DealCase):
    def test_keys(self):
        customer = self.env["res.partner"].create(
            {"name": "Globex", "is_company": True, "vat": "DE123456788", "email": "a@globex.com"}
        )
        lead = self.env["crm.lead"].create({"name": "x", "partner_id": customer.id})
        self.assertEqual(
            (lead.key_vat, lead.key_mail_domain, lead.key_name),
            ("DE123456788", "globex.com", "globex"),
        )
        lead.website = "https://shop.globex.co.uk"
        self.assertEqual(lead.key_domain, "globex.co.uk")

    def test_pipeline_of_the_partner_has_its_deals(self):
        deals = self._register() | self._register(self.rival_user, name="initech")
        domain = self.partner.with_user(self.program_manager).action_prm_pipeline()["domain"]
        self.assertEqual(self.env["crm.lead"].search(domain) & deals.lead_id, deals[0].lead_id)

    def test_merge_keeps_the_registration(self):
        deal = self._register()
        other = self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Older", "priority": "3", "email_from": "b@globex.com"}
        )
        merged = (other | deal.lead_id)._merge_opportunity()
        self.assertTrue(deal.exists())
        self.assertEqual(deal.lead_id, merged)
        self.assertEqual(merged.registration_id, deal)
        self.assertEqual(merged.prm_partner_id, self.partner)

    def test_merge_of_two_deals_is_refused(self):
        deals = self._register() | self._register(self.rival_user, name="initech")
        with self.assertRaises(UserError):
            deals.lead_id._merge_opportunity()

    def test_opportunity_of_a_deal_is_not_deleted(self):
        lead = self._register().lead_id
        with self.assertRaises(UserError):
            lead.unlink()
