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
            with self.subTest(model=record._name):
                with self.assertRaisesRegex(ValidationError, "no member of staff"):
                    record.user_id = user
