from odoo.exceptions import UserError, ValidationError

from .common import PartnerCase


class TestGuard(PartnerCase):
    """What is read-only in the forms is so for every other way to write, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold)

    def test_what_reviews_and_steps_note_is_not_typed_in(self):
        for user in (self.manager, self.program_manager):
            membership = self.membership.with_user(user)
            for values in (
                {"hold_until": "2099-01-01"},
                {"grace_until": "2099-01-01"},
                {"at_risk_since": "2020-01-01"},
                {"last_review_date": "2099-01-01"},
                {"override_until": "2099-01-01", "override_grade_id": self.platinum.id},
                {"refused_until": "2099-01-01"},
                {"score": 100.0},
                {"date_activated": "2020-01-01"},
                {"state_reason": "Because"},
            ):
                with (
                    self.subTest(user=user.name, values=values),
                    self.assertRaisesRegex(UserError, "not by hand"),
                ):
                    membership.write(values)

    def test_nor_imported(self):
        memberships = self.env["prm.membership"].with_user(self.program_manager)
        result = memberships.load(
            [".id", "hold_until"], [[str(self.membership.id), "2099-01-01"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("not by hand", result["messages"][0]["message"])
        with self.assertRaisesRegex(UserError, "“Tier Safe Until”"):
            memberships.create(
                {
                    "partner_id": self.rival.id,
                    "program_id": self.program.id,
                    "hold_until": "2099-01-01",
                }
            )

    def test_managers_are_staff(self):
        user = self._new_portal_user(self.contact, "admin")
        for record in (self.membership, self.program):
            with (
                self.subTest(model=record._name),
                self.assertRaisesRegex(ValidationError, "no member of staff"),
            ):
                record.user_id = user

    def test_what_follows_from_other_data_is_not_written(self):
        """Neither on any model of ours: record rules rely on such fields."""
        manager = self.env.ref("base.user_admin")
        plan = self.env["prm.business.plan"].create(
            {
                "name": "Growth",
                "membership_id": self.membership.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        for record, values in (
            (plan, {"partner_id": self.rival.id}),
            (plan, {"company_id": self.env["res.company"].create({"name": "Other"}).id}),
            (self.membership, {"company_id": self.env.company.id}),
        ):
            with (
                self.subTest(model=record._name, values=values),
                self.assertRaisesRegex(UserError, "follows from other data"),
            ):
                record.with_user(manager).write(values)

    def test_no_model_of_ours_takes_computed_values(self):
        manager = self.env.ref("base.user_admin")
        checked = 0
        for name, model in self.env.items():
            if not name.startswith("prm.") or model._abstract or not model._auto:
                continue
            for field in model._fields.values():
                if field.store and field.readonly and (field.related or field.compute):
                    checked += 1
                    with self.subTest(model=name, field=field.name):
                        record = model.with_user(manager).browse(1)
                        self.assertTrue(self._is_refused(record, field.name))
        self.assertGreater(checked, 50)

    def _is_refused(self, record, name):
        try:
            record.write({name: False})
        except UserError:  # an access error is one, too
            return True
        return False

    def test_the_code_of_a_metric_is_a_contract(self):
        metric = self.env.ref("prm_partner.prm_metric_pipeline")
        with self.assertRaisesRegex(UserError, "computed by its code"):
            metric.code = "nope"
        metric.name = "Open Deals"
        own = metric.create({"code": "t_own", "name": "Own"})
        own.code = "t_other"

    def test_members_are_not_archived(self):
        with self.assertRaisesRegex(ValidationError, "before you archive"):
            self.partner.active = False
        self.membership.action_end()
        self.partner.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            self.membership.action_resume()
