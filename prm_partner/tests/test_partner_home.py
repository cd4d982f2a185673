from datetime import date

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools.safe_eval import safe_eval

from .common import PartnerCase


class TestPartnerHome(PartnerCase):
    """Fields of the primary membership on the partner: shown, searched and grouped by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold, user=cls.manager)
        cls.membership.date_start = date(2025, 3, 1)
        cls.rival_membership = cls._enroll(
            cls.rival, cls.silver, user=cls.other_manager, state="at_risk"
        )
        cls.both = cls.partner | cls.rival

    def _search(self, user, *domain):
        partners = self.env["res.partner"].with_user(user)
        return partners.search([("id", "in", self.both.ids), *domain]).with_env(self.env)

    def test_values(self):
        partner = self.partner.with_user(self.program_manager)
        self.assertEqual(partner.prm_program_id, self.program)
        self.assertEqual(partner.prm_state, "active")
        self.assertEqual(partner.prm_manager_id, self.manager)
        self.assertEqual(partner.prm_member_since, date(2025, 3, 1))

    def test_status_is_translated(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        active = self.env.ref("prm_partner.selection__prm_membership__state__active")
        active.with_context(lang="fr_FR").name = "Actif"
        partners = self.env["res.partner"].with_context(lang="fr_FR")
        field = partners.fields_get(["prm_state"], ["selection"])["prm_state"]
        self.assertEqual(dict(field["selection"])["active"], "Actif")

    def test_search(self):
        user = self.program_manager
        self.assertEqual(self._search(user, ("prm_state", "=", "at_risk")), self.rival)
        self.assertEqual(self._search(user, ("prm_state", "!=", "at_risk")), self.partner)
        self.assertEqual(
            self._search(user, ("prm_manager_id", "=", self.manager.id)), self.partner
        )
        self.assertEqual(self._search(user, ("prm_program_id", "ilike", "Resell")), self.both)
        self.assertEqual(
            self._search(user, ("prm_member_since", ">=", "2025-01-01")), self.partner
        )
        self.assertEqual(self._search(user, ("prm_member_since", "=", False)), self.rival)
        self.rival_membership.action_end()
        self.assertEqual(self._search(user, ("prm_state", "=", False)), self.rival)

    def test_group_by(self):
        partners = self.env["res.partner"].with_user(self.program_manager)
        domain = [("id", "in", self.both.ids)]
        groups = partners._read_group(domain, ["prm_state"], ["__count"])
        self.assertEqual(dict(groups), {"active": 1, "at_risk": 1})
        groups = partners._read_group(domain, ["prm_program_id", "prm_manager_id"], ["__count"])
        self.assertEqual(
            {(program.id, user.id): count for program, user, count in groups},
            {(self.program.id, self.manager.id): 1, (self.program.id, self.other_manager.id): 1},
        )

    def test_manager_of_others_sees_nothing_of_the_membership(self):
        """Neither by reading nor by searching nor by grouping."""
        rival = self.rival.with_user(self.manager)
        self.assertFalse(rival.prm_state or rival.prm_manager_id or rival.prm_program_id)
        self.assertFalse(self._search(self.manager, ("prm_state", "=", "at_risk")))
        groups = rival._read_group([("id", "in", self.both.ids)], ["prm_state"], ["__count"])
        self.assertEqual(dict(groups), {"active": 1, False: 1})

    def test_other_company_sees_nothing_of_the_membership(self):
        stranger = self._new_stranger()
        self.assertFalse(self.partner.with_user(stranger).prm_state)
        self.assertFalse(self._search(stranger, ("prm_state", "=", "active")))

    def test_partners_screen_goes_by_the_rules_of_the_memberships(self):
        """Own partners for a partner manager, those of the company for a program manager."""
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.res_partner_action")
        domain = safe_eval(action["domain"])
        self.assertEqual(self._search(self.manager, *domain), self.partner)
        self.assertEqual(self._search(self.program_manager, *domain), self.both)
        self.rival_membership.action_end()
        self.assertEqual(self._search(self.program_manager, *domain), self.partner)
        self.assertFalse(self._search(self._new_stranger(), *domain))

    def _new_stranger(self):
        other = self.env["res.company"].create({"name": "Company B"})
        return new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )

    def test_plain_user_and_portal_user_have_no_such_fields(self):
        employee = new_test_user(self.env, "t_employee", groups="base.group_user")
        for user in (employee, self._new_portal_user(self.contact, "admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.partner.with_user(user).read(["prm_state"])
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).search([("prm_state", "=", "active")])

    def test_portal_users_are_counted(self):
        self._new_portal_user(self.contact, "sales")
        self.assertEqual(self.partner.prm_portal_user_count, 1)
        self.assertEqual(self.rival.prm_portal_user_count, 0)

    def test_search_filters_of_the_partners_list(self):
        """Every filter of the search view works for a partner manager."""
        view = self.env.ref("prm_partner.res_partner_view_search_partners")
        arch = self.env["res.partner"].with_user(self.manager).get_view(view.id, "search")["arch"]
        names = []
        for node in etree.fromstring(arch).xpath("//filter[@domain]"):
            domain = safe_eval(node.get("domain"), {"uid": self.manager.id})
            self.env["res.partner"].with_user(self.manager).search(domain, limit=1)
            names.append(node.get("name"))
        self.assertLessEqual({"mine", "at_risk", "no_portal", "no_contact"}, set(names))

    def test_without_portal_users_and_contacts(self):
        self._new_portal_user(self.contact, "sales")
        self.rival_contact.unlink()
        no_portal = [
            ("user_ids", "=", False),
            ("child_ids", "not any", [("user_ids", "!=", False)]),
        ]
        self.assertEqual(self._search(self.program_manager, *no_portal), self.rival)
        no_contact = ("child_ids", "not any", [("type", "=", "contact")])
        self.assertEqual(self._search(self.program_manager, no_contact), self.rival)

    def test_pipeline_has_open_opportunities_of_the_company_and_its_people(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": "Open", "type": "opportunity", "partner_id": self.contact.id},
                {"name": "Lead", "type": "lead", "partner_id": self.partner.id},
                {"name": "Rival", "type": "opportunity", "partner_id": self.rival.id},
                {"name": "Won", "type": "opportunity", "partner_id": self.partner.id},
            ]
        )
        leads[3].action_set_won()
        domain = self.partner.with_user(self.program_manager).action_prm_pipeline()["domain"]
        self.assertEqual(self.env["crm.lead"].search(domain) & leads, leads[0])

    def test_list_costs_the_same_for_many(self):
        fields = ["prm_program_id", "prm_state", "prm_manager_id", "prm_portal_user_count"]

        def count(partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            partners.with_user(self.program_manager).web_read({name: {} for name in fields})
            return self.cr.sql_log_count - before

        many = self.both
        for number in range(12):
            partner, _contact = self._new_partner(f"P{number}", f"p{number}.example")
            self._enroll(partner)
            many |= partner
        count(many)
        self.assertEqual(count(self.both), count(many))


class TestTimeline(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False})
        cls.membership = cls._enroll(cls.partner, cls.silver, user=cls.manager, state="applicant")
        cls.rival_membership = cls._enroll(cls.rival, cls.silver, user=cls.other_manager)
        cls.timeline = cls.env["prm.partner.timeline"]
        cls._note_changes()

    @classmethod
    def _note_changes(cls):
        """Odoo writes down what changed at the end of a transaction."""
        cls.env.flush_all()
        cls.cr.flush()

    def _get_lines(self, user=None):
        lines = self.timeline.with_user(user or self.program_manager)
        self.env.invalidate_all()
        return lines.search([("partner_id", "=", self.partner.id)], order="id")

    def test_tier_changes(self):
        self.membership._set_tier(self.gold, "Agreed in the review")
        lines = self._get_lines().filtered(lambda line: line.kind == "tier")
        self.assertEqual(
            [(line.summary, line.note) for line in lines],
            [("Silver", "Enrolled"), ("Silver → Gold", "Agreed in the review")],
        )
        self.assertEqual(lines.membership_id, self.membership)

    def test_steps_of_the_membership(self):
        self.membership.action_activate()
        self._note_changes()
        lines = self._get_lines().filtered(lambda line: line.kind == "prm.membership")
        self.assertEqual(lines.mapped("summary"), ["Applicant → Active"])

    def test_every_kind_has_a_name(self):
        self.membership.action_activate()
        self._note_changes()
        names = dict(self.timeline._fields["kind"]._description_selection(self.env))
        self.assertEqual(names["prm.membership"], "Program Membership")
        self.assertLessEqual(set(self._get_lines().mapped("kind")), set(names))
        self.assertEqual(set(self.timeline._get_selects()), set(names))

    def test_finished_activities(self):
        self.membership.activity_schedule(
            "mail.mail_activity_data_call", summary="Review", user_id=self.manager.id
        ).action_feedback()
        self.partner.activity_schedule(
            "mail.mail_activity_data_call", summary="Lunch", user_id=self.manager.id
        ).action_feedback()
        self.partner.activity_schedule(
            "mail.mail_activity_data_call", summary="Planned", user_id=self.manager.id
        )
        lines = self._get_lines().filtered(lambda line: line.kind == "activity")
        self.assertEqual(set(lines.mapped("summary")), {"Review", "Lunch"})
        self.assertEqual(lines.author_id, self.manager.partner_id)
        self.assertEqual(
            {(line.res_model, line.res_id) for line in lines},
            {("prm.membership", self.membership.id), ("res.partner", self.partner.id)},
        )

    def test_ids_are_unique(self):
        self.membership._set_tier(self.gold, "Up")
        self.membership.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.manager.id
        ).action_feedback()
        ids = self.timeline.search([]).ids
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreater(len(ids), 2)

    def test_tier_names_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.gold.with_context(lang="fr_FR").name = "Or"
        self.membership._set_tier(self.gold, "Up")
        line = self._get_lines().with_context(lang="fr_FR").filtered(
            lambda line: line.note == "Up"
        )
        self.assertEqual(line.with_context(lang="fr_FR").browse(line.id).summary, "Silver → Or")

    def test_who_sees_it(self):
        self.assertTrue(self._get_lines(self.manager))
        self.assertFalse(self._get_lines(self.other_manager))
        portal = self._new_portal_user(self.contact, "admin")
        employee = new_test_user(self.env, "t_employee", groups="base.group_user")
        for user in (portal, employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._get_lines(user)

    def test_opens_its_record(self):
        action = self._get_lines()[:1].action_open()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("prm.membership", self.membership.id)
        )


class TestRevenue(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold, user=cls.manager)
        cls.rival_membership = cls._enroll(cls.rival, cls.silver, user=cls.other_manager)
        other = cls.env["prm.program"].create({"name": "Second"})
        cls._enroll(cls.partner, cls.env["res.partner.grade"], program=other)
        journals = cls.env["account.journal"]
        cls.journal = journals.search(
            [("type", "=", "sale"), ("company_id", "=", cls.company.id)], limit=1
        ) or journals.create({"name": "Sales", "code": "TSAL", "type": "sale"})
        account = cls.journal.default_account_id or cls.env["account.account"].create(
            {"name": "Income", "code": "400900", "account_type": "income"}
        )
        for partner, kind, amount in (
            (cls.contact, "out_invoice", 1000.0),
            (cls.partner, "out_refund", 200.0),
            (cls.rival, "out_invoice", 70.0),
        ):
            cls.env["account.move"].create(
                {
                    "move_type": kind,
                    "partner_id": partner.id,
                    "journal_id": cls.journal.id,
                    "invoice_date": "2026-05-05",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Sale",
                                "price_unit": amount,
                                "account_id": account.id,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            ).action_post()

    def _get_sums(self, user):
        groups = self.env["prm.partner.revenue"].with_user(user)._read_group(
            [("partner_id", "in", (self.partner | self.rival).ids)],
            ["partner_id", "program_id", "grade_id"],
            ["amount:sum"],
        )
        return {
            (partner.id, program.id, grade.id): amount for partner, program, grade, amount in groups
        }

    def test_net_of_credit_notes_once_per_partner(self):
        self.assertEqual(
            self._get_sums(self.program_manager),
            {
                (self.partner.id, self.program.id, self.gold.id): 800.0,
                (self.rival.id, self.program.id, self.silver.id): 70.0,
            },
        )

    def test_manager_sees_revenue_of_own_partners(self):
        self.assertEqual(
            self._get_sums(self.manager),
            {(self.partner.id, self.program.id, self.gold.id): 800.0},
        )
        with self.assertRaises(AccessError):
            self._get_sums(self._new_portal_user(self.contact, "admin"))
