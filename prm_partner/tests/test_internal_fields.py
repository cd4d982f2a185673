"""What portal users read is decided field by field.

A field that is added to one of these models is readable by partners unless it has ``groups``.
These tests fail until the field is either restricted or put on the list here.
"""

from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS

from .common import PartnerCase

# Models of this add-on that portal users may read → the fields that are meant for them.
READABLE = {
    "prm.announcement": {
        "name", "body", "state", "phase", "importance", "pinned", "date_from", "date_until",
        "company_id", "is_for_me", "is_read",
    },
    "prm.membership": {
        "partner_id", "program_id", "company_id", "grade_id", "state", "date_start", "date_end",
        "user_id", "is_primary", "distributor_id", "change_ids", "next_grade_id", "tier_percent",
    },
    "prm.metric": {"code", "name", "unit", "direction", "description", "active"},
    "prm.program": {
        "name", "code", "sequence", "active", "kind", "company_id", "currency_id", "user_id",
        "date_start", "date_end", "description", "grade_ids",
    },
    "prm.tier.change": {
        "membership_id", "partner_id", "company_id", "old_grade_id", "new_grade_id", "date",
        "user_id", "reason",
    },
    "prm.tier.requirement": {
        "grade_id", "sequence", "metric_id", "unit", "threshold", "window", "mandatory",
    },
}  # fmt: skip
# Fields that this add-on adds to others' models.
ADDED = {
    "res.partner": {"grade_id", "prm_membership_ids"},
    "res.partner.grade": {"program_id", "requirement_ids"},
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
