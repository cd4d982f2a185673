from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .tier_common import TierCase

MODELS = (
    "prm.tier.benefit",
    "prm.tier.review",
    "prm.tier.review.line",
    "prm.tier.simulation",
    "prm.tier.simulation.line",
    "prm.tier.simulation.grade",
    "prm.tier.simulation.result",
    "prm.tier.reject",
)


class TestTierSecurity(TierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._join(cls.partner, cls.gold)
        cls.membership.user_id = cls.manager
        cls.rival_membership = cls._join(cls.rival, cls.gold)
        cls.rival_membership.user_id = cls.other_manager
        cls.own_user = cls._new_portal_user(cls.contact, "admin")
        cls.rival_user = cls._new_portal_user(cls.rival_contact, "admin")
        cls.employee = new_test_user(cls.env, "t_employee", groups="base.group_user")
        cls.benefit = cls.env["prm.tier.benefit"].create(
            {"grade_id": cls.gold.id, "kind": "lead_weight", "value": 2, "annual_cost": 10}
        )
        cls.simulation = cls.env["prm.tier.simulation"].create({"program_id": cls.program.id})

    def setUp(self):
        super().setUp()
        self.run_ = self._review("2026-06-01")

    def test_portal_and_public_have_no_access(self):
        public = self.env.ref("base.public_user")
        for user in (self.own_user, self.rival_user, public):
            for model in MODELS:
                records = self.env[model].with_user(user)
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        records.search([])
                    with self.assertRaises(AccessError):
                        records.formatted_read_group([], [], ["__count"])
                    for operation in ("create", "write", "unlink"):
                        self.assertFalse(records.has_access(operation))

    def test_portal_user_calls_no_method(self):
        lines = self.run_.line_ids
        for record, method in (
            (self.membership, "action_end_override"),
            (self.program, "action_review_now"),
            (lines, "action_approve"),
            (lines, "action_reject"),
            (self.simulation, "action_simulate"),
            (self.simulation, "action_apply"),
            (self.simulation, "action_discard"),
            (self.simulation, "action_reset"),
        ):
            for user in (self.own_user, self.employee):
                with self.subTest(method=method), self.assertRaises(AccessError):
                    getattr(record.with_user(user), method)()

    def test_portal_user_reads_no_internal_field(self):
        internal = {
            "prm.membership": (
                "hold_until",
                "override_reason",
                "refused_until",
                "tier_mail_partner_ids",
                "keep_html",
                "tier_summary",
            ),
            "prm.tier.change": ("measured", "measured_html", "review_id"),
            "res.partner.grade": ("benefit_ids",),
            "prm.program": ("pending_change_count",),
            "res.partner": ("prm_tier_progress_html", "prm_tier_percent"),
        }
        records = {
            "prm.membership": self.membership,
            "prm.tier.change": self.membership.change_ids,
            "res.partner.grade": self.gold,
            "prm.program": self.program,
            "res.partner": self.partner,
        }
        for model, names in internal.items():
            own = records[model].with_user(self.own_user)
            for name in names:
                with self.subTest(field=name), self.assertRaises(AccessError):
                    own.read([name])

    def test_portal_user_knows_until_when_its_own_tier_is_kept(self):
        own = self.membership.with_user(self.own_user)
        self.assertEqual(own.state, "at_risk")
        kept = own._tier_progresses("current")[own.id]
        self.assertTrue(kept["requirements"])
        self.assertEqual(kept["date"], self.membership.grace_until)
        for user in (self.own_user, self.rival_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.membership.with_user(user).read(["grace_until"])

    def test_partner_manager_sees_decisions_on_own_partners(self):
        lines = self.env["prm.tier.review.line"].with_user(self.manager).search([])
        self.assertEqual(lines.sudo().membership_id, self.membership)
        self.assertFalse(lines.has_access("write"))
        with self.assertRaises(AccessError):
            self.env["prm.tier.simulation"].with_user(self.manager).search([])

    def test_program_manager_writes_no_decision(self):
        lines = self.env["prm.tier.review.line"].with_user(self.program_manager)
        lines = lines.search([("review_id", "=", self.run_.id)])
        self.assertEqual(lines.membership_id, self.membership | self.rival_membership)
        for operation in ("create", "write", "unlink"):
            self.assertFalse(lines.has_access(operation))
            self.assertFalse(self.run_.with_user(self.program_manager).has_access(operation))

    def test_other_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        records = {
            "prm.tier.benefit": self.benefit,
            "prm.tier.review": self.run_,
            "prm.tier.review.line": self.run_.line_ids,
            "prm.tier.simulation": self.simulation,
            "prm.tier.simulation.line": self.simulation.line_ids,
            "prm.tier.simulation.grade": self.simulation.grade_ids,
        }
        for model, record in records.items():
            with self.subTest(model=model):
                self.assertTrue(record)
                found = self.env[model].with_user(stranger).search([("id", "in", record.ids)])
                self.assertFalse(found)
