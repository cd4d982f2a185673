from .common import DealCase


class TestConflict(DealCase):
    def test_compare(self):
        compare = self.env["prm.conflict.rule"]._compare
        same = compare({"website": "acme.com"}, {"email": "jo@acme.com"})
        self.assertEqual(
            same,
            {
                "score": 90,
                "severity": "block",
                "reasons": ["domain"],
                "contributions": {"domain": 90},
            },
        )
        name = compare({"name": "Acme", "country": "DE"}, {"name": "ACME GmbH", "country": "DE"})
        self.assertEqual((name["score"], name["severity"]), (75, "review"))
        nothing = compare({"name": "Acme"}, {"name": "Globex"})
        self.assertEqual(
            nothing, {"score": 0, "severity": False, "reasons": [], "contributions": {}}
        )

    def test_scores_are_configurable(self):
        self.env.ref("prm_deal_registration.prm_conflict_rule_domain").score = 50
        result = self.env["prm.conflict.rule"]._compare(
            {"website": "acme.com"}, {"website": "acme.com"}
        )
        self.assertEqual((result["score"], result["severity"]), (50, "info"))

    def test_no_conflict(self):
        deal = self._register()
        self.assertFalse(deal.conflict_ids)
        self.assertFalse(deal.has_conflict)
        self.assertFalse(deal.conflict_hint)
        self.assertEqual(deal.state, "approved")

    def test_rival_with_the_same_domain(self):
        first = self._register()
        rival = self._register(
            self.rival_user,
            customer_name="Another Name",
            customer_website="",
            customer_email="boss@mail.globex.com",
        )
        self.assertEqual(rival.state, "in_review")
        conflict = rival.conflict_ids
        self.assertEqual(conflict.other_registration_id, first)
        self.assertEqual(
            (conflict.source, conflict.key, conflict.score, conflict.severity),
            ("registration", "domain", 90, "block"),
        )
        self.assertIn(self.partner.name, conflict.description)
        self.assertEqual(conflict.own_values, "globex.com")

    def test_each_key(self):
        self._register(customer_vat="DE123456788", customer_phone="030 901820")
        blank = {"customer_website": "", "customer_email": "x@other.com", "customer_name": "Other"}
        for key, values in {
            "vat": {"customer_vat": "de 123456788"},
            "phone": {"customer_phone": "+49 30 901820"},
            "name": {"customer_name": "GLOBEX AG"},
            "domain": {"customer_email": "other@globex.com"},
        }.items():
            with self.subTest(key=key):
                deal = self._draft(self.rival, **{**blank, **values})
                conflicts = self.env["prm.deal.conflict"]._detect(deal)
                self.assertEqual(conflicts.mapped("matched_keys"), [key])
                deal.unlink()

    def test_states_that_do_not_stand_in_the_way(self):
        deals = self._register(amount=200000) | self._register(name="initech", amount=200000)
        deals[0].action_withdraw()
        deals[1].action_reject(self.reason.id, False)
        for name in ("globex", "initech"):
            rival = self._register(self.rival_user, name=name)
            self.assertEqual(rival.state, "approved")
            self.assertFalse(rival.conflict_ids)

    def test_returned_deal_keeps_its_place(self):
        first = self._register(amount=200000)
        first.with_user(self.manager).action_return("More")
        rival = self._register(self.rival_user)
        self.assertEqual(rival.state, "in_review")
        self.assertEqual(rival.conflict_ids.other_registration_id, first)

    def test_opportunity_that_a_partner_left(self):
        first = self._register()
        first.with_user(self.sales_user).action_withdraw()
        rival = self._register(self.rival_user)
        self.assertEqual(rival.conflict_ids.other_lead_id, first.lead_id)
        self.assertFalse(first.lead_id.partner_assigned_id)

    def test_same_partner_twice(self):
        first = self._register()
        again = self._register()
        self.assertEqual(again.state, "in_review")
        self.assertTrue(again.conflict_ids.is_own)
        self.assertIn(first.name, again.conflict_hint)

    def test_hint_says_nothing_of_the_rival(self):
        first = self._register(customer_phone="030 901820")
        rival = self._register(self.rival_user, customer_name="Globex International")
        hint = rival.conflict_hint
        self.assertTrue(rival.has_conflict)
        self.assertIn("domain", hint)
        self.assertNotIn("phone", hint)
        for secret in (first.name, self.partner.name, first.lead_id.name):
            self.assertNotIn(secret, hint)

    def test_the_first_learns_nothing(self):
        first = self._register()
        before = first.read()[0]
        messages = first.message_ids
        self._register(self.rival_user)
        first.invalidate_recordset()
        self.assertEqual(first.read()[0], before)
        self.assertEqual(first.message_ids, messages)

    def test_own_opportunity(self):
        lead = self.env["crm.lead"].create(
            {"type": "opportunity", "name": "Direct", "email_from": "ceo@globex.com"}
        )
        deal = self._register()
        self.assertEqual(deal.state, "in_review")
        self.assertEqual(deal.conflict_ids.other_lead_id, lead)
        self.assertEqual(deal.conflict_ids.severity, "block")

    def test_lost_and_archived_opportunities_do_not_count(self):
        values = {"type": "opportunity", "name": "Direct", "email_from": "ceo@globex.com"}
        lost, archived = self.env["crm.lead"].create([values, values])
        lost.action_set_lost()
        archived.active = False
        self.assertFalse(self._register().conflict_ids)

    def test_lead_assigned_to_the_partner_is_harmless(self):
        self.env["crm.lead"].create(
            {
                "type": "opportunity",
                "name": "For you",
                "email_from": "ceo@globex.com",
                "partner_assigned_id": self.partner.id,
            }
        )
        deal = self._register()
        self.assertEqual(deal.conflict_ids.severity, "info")
        self.assertEqual(deal.state, "approved")

    def test_rival_and_its_opportunity_are_one_conflict(self):
        self._register()
        self.assertEqual(len(self._register(self.rival_user).conflict_ids), 1)

    def test_other_category_is_information(self):
        self._register(category_id=self.hardware.id)
        rival = self._register(self.rival_user, category_id=self.software.id)
        self.assertEqual(rival.conflict_ids.severity, "info")
        self.assertEqual(rival.state, "approved")

    def test_no_category_overlaps_each(self):
        self._register()
        rival = self._register(self.rival_user, category_id=self.software.id)
        self.assertEqual(rival.conflict_ids.severity, "block")

    def test_category_overlaps_the_ones_below(self):
        child = self.env["product.category"].create({"name": "C", "parent_id": self.hardware.id})
        self._register(category_id=self.hardware.id)
        rival = self._register(self.rival_user, category_id=child.id)
        self.assertEqual(rival.conflict_ids.severity, "block")

    def test_other_company_is_no_conflict(self):
        self._register()
        company = self.env["res.company"].create({"name": "B"})
        program = self.program.copy({"company_id": company.id})
        membership = self._enroll(self.rival, self.env["res.partner.grade"], program=program)
        deal = self._draft(self.rival, company_id=company.id, membership_id=membership.id)
        self.assertFalse(self.env["prm.deal.conflict"]._detect(deal))

    def test_new_conflict_is_shown_before_approval(self):
        self.env.ref("prm_deal_registration.prm_approval_rule_clean").active = False
        first = self._register()
        rival = self._register(self.rival_user)
        self.assertEqual(first.state, "submitted")
        result = first.with_user(self.manager).action_approve()
        self.assertEqual(result["tag"], "display_notification")
        self.assertEqual(first.state, "submitted")
        self.assertEqual(first.conflict_ids.other_registration_id, rival)
        self.assertTrue(first.with_user(self.manager).action_approve())
        self.assertEqual(first.state, "approved")
