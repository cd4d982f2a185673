from odoo.exceptions import AccessError

from .common import PartnerCase


class TestThread(PartnerCase):
    """What staff write on a record cannot be guessed by those who may read the record."""

    def test_no_model_lets_partners_search_messages(self):
        user = self._new_portal_user(self.contact, "admin")
        threads = [
            model
            for name, model in self.env.items()
            if name.startswith("prm.") and "message_ids" in model._fields and not model._abstract
        ]
        self.assertTrue(threads)
        for model in threads:
            records = model.with_user(user)
            for name in ("message_ids.body", "website_message_ids.body", "activity_ids.note"):
                if name.partition(".")[0] not in model._fields:
                    continue
                with self.subTest(model=model._name, field=name), self.assertRaises(AccessError):
                    records.search([(name, "ilike", "secret")])

    def test_no_search_by_the_state_of_activities(self):
        self._enroll(self.partner)
        memberships = self.env["prm.membership"].with_user(
            self._new_portal_user(self.contact, "admin")
        )
        for name, value in (
            ("activity_state", "overdue"),
            ("my_activity_date_deadline", "2026-01-01"),
            ("activity_user_id.name", "x"),
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                memberships.search([(name, "=", value)])

    def test_own_membership_stays_readable(self):
        membership = self._enroll(self.partner)
        user = self._new_portal_user(self.contact, "admin")
        membership.message_post(body="secret", subtype_xmlid="mail.mt_note")
        self.assertEqual(membership.with_user(user).read(["state"])[0]["state"], "active")
        self.assertIn("secret", membership.with_user(self.manager).message_ids[:1].body)
