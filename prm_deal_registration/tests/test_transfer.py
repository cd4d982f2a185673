from odoo.exceptions import AccessError, UserError

from .common import DealCase


class TestTransfer(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._register(description="Ask for Jo, she decides")

    def _transfer(self, user=None, partner=None, reason="The customer asked for it"):
        deal = self.deal.with_user(user or self.program_manager)
        return deal.action_transfer((partner or self.rival).id, reason)

    def test_everything_goes_along(self):
        quotation, sold = self._order(self.deal), self._order(self.deal)
        sold.action_confirm()
        self.deal.state = "approved"
        until = self.deal.date_protected_until
        self._transfer()
        self.assertEqual(self.deal.partner_id, self.rival)
        self.assertEqual(self.deal.membership_id, self.rival_membership)
        self.assertEqual(self.deal.protection_ids.partner_id, self.rival)
        self.assertEqual(self.deal.date_protected_until, until)
        lead = self.deal.lead_id
        self.assertEqual((lead.partner_assigned_id, lead.prm_partner_id), (self.rival, self.rival))
        self.assertEqual(quotation.prm_partner_id, self.rival)
        self.assertEqual(sold.prm_partner_id, self.partner)
        event = self.deal.event_ids[-1]
        self.assertEqual(event.type, "transferred")
        self.assertEqual(event.data["reason"], "The customer asked for it")

    def test_former_partner_has_nothing_left(self):
        self._transfer()
        own = self.deal.with_user(self.sales_user)
        with self.assertRaises(AccessError):
            own.read(["name"])
        with self.assertRaises(AccessError):
            own.action_withdraw()
        self.assertFalse(own.search([("id", "=", self.deal.id)]))
        self.assertNotIn(self.contact, self.deal.message_partner_ids)

    def test_new_partner_reads_nothing_of_the_former(self):
        self.deal.with_user(self.sales_user).message_post(
            body="Our price is low", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        attachment = self.deal.with_user(self.sales_user)._attach("offer.txt", b"Our price is low")
        self.deal.with_user(self.sales_user).action_request_extension("Our trial runs")
        self.deal.with_user(self.sales_user).action_report_milestone("Our demo")
        self._transfer()
        self.env.flush_all()
        theirs = self.deal.with_user(self.rival_user)
        values = theirs.read(["customer_name", "description", "milestone_note", "decision_note"])
        self.assertEqual(values[0]["customer_name"], "Globex GmbH")
        self.assertFalse(values[0]["description"] or values[0]["milestone_note"])
        self.assertFalse(theirs.request_ids)
        self.assertFalse(theirs.request_ids.search([]))
        messages = self.env["mail.message"].with_user(self.rival_user)
        domain = [("model", "=", self.deal._name), ("res_id", "=", self.deal.id)]
        self.assertFalse(messages.search(domain))
        requests = self.env["prm.deal.request"].search([("registration_id", "=", self.deal.id)])
        self.assertEqual(requests.state, "cancelled")
        with self.assertRaises(AccessError):
            attachment.with_user(self.rival_user).read(["name", "raw"])

    def test_mails(self):
        self._transfer()
        mails = self.env["mail.mail"].search(
            [("model", "=", self.deal._name), ("res_id", "=", self.deal.id)], order="id"
        )
        away = mails.filtered(lambda mail: "goes to another partner" in mail.subject)
        here = mails.filtered(lambda mail: "is yours now" in mail.subject)
        self.assertEqual(away.recipient_ids, self.contact)
        self.assertEqual(here.recipient_ids, self.rival)
        self.assertNotIn(self.rival.name, away.body_html)
        self.assertNotIn(self.partner.name, here.body_html)

    def test_refused(self):
        outsider, _contact = self._new_partner("Outsider", "outsider.example")
        for partner, reason in (
            (self.partner, "x"),
            (self.rival, " "),
            (outsider, "x"),
            (self.env["res.partner"].browse(10**9), "x"),
        ):
            with self.subTest(partner=partner), self.assertRaises(UserError):
                self._transfer(partner=partner, reason=reason)
        self.rival_membership.action_suspend("Unpaid")
        with self.assertRaisesRegex(UserError, "Unpaid"):
            self._transfer()

    def test_full_partner_gets_nothing_more(self):
        self.program.deal_policy_ids.open_registrations = 1
        self._register(self.rival_user, name="initech")
        with self.assertRaisesRegex(UserError, "at most 1"):
            self._transfer()

    def test_former_partner_protects_the_customer_twice(self):
        self._register(customer_vat="DE123456788")
        self.assertEqual(len(self.deals.search([("partner_id", "=", self.partner.id)])), 2)
        second = self.deals.search([("partner_id", "=", self.partner.id)]) - self.deal
        if second.state != "approved":
            second.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, second.name):
            self._transfer()

    def test_rights(self):
        for user in (self.sales_user, self.rival_user, self.other_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._transfer(user)

    def test_by_wizard(self):
        self.env["prm.deal.step"].with_user(self.program_manager).create(
            {
                "registration_id": self.deal.id,
                "kind": "transfer",
                "reason": "Nearby",
                "partner_id": self.rival.id,
            }
        ).action_confirm()
        self.assertEqual(self.deal.partner_id, self.rival)
