from odoo.exceptions import AccessError, UserError

from .common import DealCase


class TestPortalRpc(DealCase):
    """Public methods of leads that a partner can call; stock Odoo lets all of this pass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register()
        cls.lead = cls.deal.lead_id
        cls.portal_lead = cls.lead.with_user(cls.sales_user)
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.open = cls.env["crm.stage"].search([("is_won", "=", False)])[-1]

    def _portal_values(self, **values):
        return {
            "expected_revenue": self.lead.expected_revenue,
            "probability": 50,
            "priority": "1",
            "date_deadline": False,
            "activity_date_deadline": False,
            **values,
        }

    def test_partner_cannot_win(self):
        with self.assertRaises(UserError):
            self.portal_lead.update_stage_from_portal(self.won.id)
        self.assertFalse(self.lead.stage_id.is_won)
        self.portal_lead.update_stage_from_portal(self.open.id)
        self.assertEqual(self.lead.stage_id, self.open)

    def test_partner_cannot_change_the_revenue(self):
        for values in ({"expected_revenue": 1e9}, {"probability": 100}):
            with self.assertRaises(UserError):
                self.portal_lead.update_lead_portal(self._portal_values(**values))
        self.portal_lead.update_lead_portal(self._portal_values(priority="2"))
        self.assertEqual((self.lead.expected_revenue, self.lead.priority), (12000, "2"))

    def test_partner_cannot_leave_the_opportunity(self):
        with self.assertRaises(UserError):
            self.portal_lead.partner_desinterested()
        self.assertEqual(self.lead.partner_assigned_id, self.partner)

    def test_partner_cannot_change_the_customer(self):
        with self.assertRaises(UserError):
            self.portal_lead.update_contact_details_from_portal({"partner_name": "Initech"})
        self.assertEqual(self.lead.partner_name, "Globex GmbH")
        given = self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Given", "partner_assigned_id": self.partner.id}
        )
        given.with_user(self.sales_user).update_contact_details_from_portal({"phone": "123456"})
        self.assertEqual(given.phone, "123456")

    def test_partner_registers_instead_of_creating_opportunities(self):
        values = {"contact_name": "Jo", "title": "Initech", "description": "x"}
        with self.assertRaises(UserError):
            self.env["crm.lead"].with_user(self.sales_user).create_opp_portal(values)
        self.assertFalse(self.env["crm.lead"].search([("name", "=", "Initech")]))

    def test_rival_has_no_access(self):
        rival = self.lead.with_user(self.rival_user)
        for call in (
            lambda: rival.update_stage_from_portal(self.open.id),
            lambda: rival.update_stage_from_portal(self.won.id),
            lambda: rival.update_lead_portal(self._portal_values()),
            rival.partner_desinterested,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_other_leads_work_as_before(self):
        lead = self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Given", "partner_assigned_id": self.partner.id}
        )
        lead.with_user(self.sales_user).update_stage_from_portal(self.won.id)
        self.assertTrue(lead.stage_id.is_won)

    def test_staff_is_not_limited(self):
        self.lead.with_user(self.manager).sudo(False).stage_id = self.won
        self.assertTrue(self.lead.stage_id.is_won)

    def test_partner_reads_none_of_our_fields(self):
        for field in (
            "registration_ids",
            "registration_id",
            "prm_partner_id",
            "prm_protection_notice",
            "key_domain",
            "key_name",
        ):
            with self.subTest(field=field), self.assertRaises(AccessError):
                self.portal_lead.read([field])
            self.assertNotIn(field, self.portal_lead.fields_get())
        self.assertTrue(self.portal_lead.read(["name"]))
