"""What portal users read is decided field by field.

A field that is added to one of these models is readable by partners unless it has ``groups``.
These tests fail until the field is either restricted or put on the list here.
"""

from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS

from .common import PartnerCase

# Models of this add-on that portal users may read → the fields that are meant for them.
READABLE = {
    "prm.agreement": {
        "body", "company_id", "date_closed", "date_end", "date_notice", "date_notice_by",
        "date_read", "date_sent", "date_sign_by", "date_signed", "date_start", "kind", "lang",
        "membership_id", "name", "partner_id", "program_id", "renews", "signed_by", "state",
        "text_sha256", "title", "version",
    },
    "prm.announcement": {
        "body", "company_id", "date_from", "date_until", "importance", "is_for_me", "is_read",
        "name", "phase", "pinned", "state",
    },
    "prm.business.plan": {
        "actions", "amended_by_ids", "amends_id", "company_id", "contact_id", "currency_id",
        "date_end", "date_proposed", "date_start", "expected", "goals", "light", "membership_id",
        "name", "next_review", "objective_ids", "partner_agreed_by_id", "partner_agreed_on",
        "partner_id", "program_id", "progress", "review_ids", "state", "user_id",
        "vendor_agreed_by_id", "vendor_agreed_on", "version",
    },
    "prm.business.plan.review": {
        "company_id", "date", "date_done", "name", "note", "partner_id", "plan_id", "state",
        "user_id",
    },
    "prm.membership": {
        "company_id", "date_end", "date_start", "distributor_access", "distributor_id",
        "grade_id", "is_primary", "next_grade_id", "partner_id", "program_id", "state",
        "tier_percent", "user_id",
    },
    "prm.metric": {
        "active", "code", "description", "direction", "name", "snapshot_window", "unit",
    },
    "prm.objective": {
        "company_id", "currency_id", "date_end", "date_start", "direction", "expected", "light",
        "measured_on", "metric_id", "partner_id", "plan_id", "plan_state", "program_id",
        "progress", "scope", "sequence", "target", "target_text", "unit", "value", "value_text",
        "weight",
    },
    "prm.onboarding.task": {
        "after_task_id", "auto_done", "company_id", "date_done", "date_due", "description",
        "is_blocked", "is_gate", "is_overdue", "membership_id", "name", "partner_id", "program_id",
        "sequence", "side", "state",
    },
    "prm.program": {
        "active", "code", "company_id", "currency_id", "date_end", "date_start", "description",
        "duration_months", "grade_ids", "kind", "name", "prerequisite_ids", "renewal_mode",
        "sequence", "user_id",
    },
    "prm.tier.change": {
        "company_id", "date", "kind", "membership_id", "new_grade_id", "old_grade_id",
        "partner_id", "reason", "reason_text", "user_id",
    },
    "prm.tier.requirement": {
        "grade_id", "metric_id", "mode", "points", "scope", "sequence", "threshold", "unit",
        "window",
    },
}  # fmt: skip
# Fields that this add-on adds to others' models.
ADDED = {
    "res.partner": {"grade_id", "prm_membership_ids"},
    "res.partner.grade": {"program_id"},
    "res.users": set(),
    "res.company": set(),
}
TECHNICAL = {*MAGIC_COLUMNS, "display_name"}


class TestInternalFields(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold)
        cls.user = cls._new_portal_user(cls.contact, "admin")

    def _get_fields(self, model):
        """Names of the fields of this add-on that the portal user may read."""
        records = self.env[model].with_user(self.user)
        return {
            name
            for name in records.fields_get()
            if records._fields[name]._module == "prm_partner" and name not in TECHNICAL
        }

    def _get_models(self):
        """Models of this add-on that the portal user may read."""
        return {
            name
            for name, model in self.env.items()
            if model._original_module == "prm_partner"
            and not model._abstract
            and model.with_user(self.user).has_access("read")
        }

    def test_models(self):
        self.assertEqual(self._get_models(), set(READABLE))

    def test_fields_of_own_models(self):
        for model, names in READABLE.items():
            with self.subTest(model=model):
                self.assertEqual(self._get_fields(model), names)

    def test_fields_added_to_other_models(self):
        for model, names in ADDED.items():
            with self.subTest(model=model):
                self.assertEqual(self._get_fields(model), names)

    def test_restricted_fields_of_the_partner_are_out_of_reach(self):
        """Neither by reading, nor searching, nor grouping, nor sorting."""
        partner = self.partner.with_user(self.user)
        hidden = {
            name
            for name, field in partner._fields.items()
            if field._module == "prm_partner" and name not in ADDED["res.partner"]
        }
        self.assertIn("prm_announcement_optout", hidden)
        for name in sorted(hidden):
            attempts = {
                "read": lambda name=name: partner.read([name]),
                "search": lambda name=name: partner.search([(name, "!=", False)]),
                "group": lambda name=name: partner.formatted_read_group([], [name], ["__count"]),
                "sort": lambda name=name: partner.search([], order=name),
            }
            for way, attempt in attempts.items():
                with self.subTest(field=name, way=way):
                    self.assertTrue(self._is_refused(attempt))
        with self.assertRaises(UserError):  # partners export nothing at all
            partner.export_data(["name"])

    def _is_refused(self, attempt):
        try:
            attempt()
        except (AccessError, ValueError):  # a value error: Odoo cannot sort by the field at all
            return True
        return False

    def test_no_wizard_is_open_to_partners(self):
        for name, model in self.env.items():
            if model._original_module == "prm_partner" and model.is_transient():
                with self.subTest(model=name):
                    self.assertFalse(model.with_user(self.user).has_access("create"))
