from unittest.mock import patch

from odoo.tools import sql
from odoo.tools.translate import code_translations

from .tier_common import TierCase


class TestTierReason(TierCase):
    """Reasons that nobody has written are read by everybody in the own language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ru_RU")
        cls.gold.with_context(lang="ru_RU").name = "Золотой"
        cls.membership = cls._join(cls.partner, cls.silver)

    def _reasons(self, lang="ru_RU", user=None):
        changes = self.membership.change_ids.with_user(user or self.program_manager)
        self.env.invalidate_all()
        return changes.sorted("id").with_context(lang=lang).mapped("reason")

    def _change_in_all_ways(self):
        self.sales[self.partner.id] = 120.0
        self._review("2026-03-02")
        self.sales[self.partner.id] = 0.0
        for day in ("2027-06-01", "2027-12-01"):
            self._review(day)
        self.membership.grade_id = self.gold
        self.membership._set_tier(self.platinum, "Agreed in May")
        self.membership.action_end()
        self.membership.action_resume()

    def test_reader_reads_in_the_own_language(self):
        self._change_in_all_ways()
        english = [
            "Enrolled", "Requirements of Gold met", "Requirements of Gold not met",
            "Changed by hand", "Agreed in May", "Membership ended", "Resumed",
        ]  # fmt: skip
        self.assertEqual(self._reasons("en_US"), english)
        reasons = self._reasons("ru_RU")
        self.assertEqual(reasons[4], "Agreed in May")
        self.assertIn("Золотой", reasons[1])
        self.assertIn("Золотой", reasons[2])
        self.assertFalse(set(reasons[:4] + reasons[5:]) & set(english))

    def test_partner_reads_in_the_own_language(self):
        user = self._new_portal_user(self.contact, "admin")
        self.assertEqual(self._reasons("ru_RU", user), self._reasons("ru_RU"))
        self.assertNotEqual(self._reasons("ru_RU", user), self._reasons("en_US", user))

    def test_search_finds_what_is_shown(self):
        self._change_in_all_ways()
        for lang in ("en_US", "ru_RU"):
            changes = self.membership.change_ids.with_context(lang=lang)
            for change in changes:
                with self.subTest(reason=change.reason):
                    same = changes.filtered_domain([("reason", "=", change.reason)])
                    part = changes.filtered_domain([("reason", "ilike", change.reason[1:])])
                    own = ("membership_id", "=", self.membership.id)
                    found = changes.search([own, ("reason", "=", change.reason)])
                    self.assertEqual(found, same.sorted())
                    found = changes.search([own, ("reason", "ilike", change.reason[1:])])
                    self.assertEqual(found, part.sorted())
        changes = changes.with_context(lang="en_US")
        self.assertFalse(changes.search([("reason", "ilike", "%")]))
        self.assertFalse(changes.search([("reason", "=", False)]))
        own = [("membership_id", "=", self.membership.id)]
        others = changes.search([*own, ("reason", "!=", "Enrolled")])
        self.assertEqual(len(others), len(changes) - 1)

    def test_timeline_is_in_the_readers_language(self):
        self._change_in_all_ways()
        for lang in ("en_US", "ru_RU"):
            lines = self.env["prm.partner.timeline"].with_context(lang=lang).search(
                [("membership_id", "=", self.membership.id), ("kind", "=", "tier")], order="id"
            )
            self.assertEqual(lines.mapped("note"), self._reasons(lang))

    def test_mail_is_in_the_partners_language(self):
        self.partner.lang = "ru_RU"
        self.membership.grade_id = self.gold
        mail = self.env["mail.mail"].search(
            [("model", "=", "prm.membership"), ("res_id", "=", self.membership.id)]
        )
        self.assertIn(self._reasons("ru_RU")[-1], mail.body_html)
        self.assertNotIn("Changed by hand", mail.body_html)

    def test_what_was_written_before_stays(self):
        """Histories of before have the reasons as text, in the column of that name."""
        self.membership._set_tier(self.gold, "Requirements of Bronze met")
        change = self.env["prm.tier.change"]
        self.env.flush_all()
        sql.rename_column(self.cr, change._table, "reason_text", "reason")
        change._rename_reason()
        change._rename_reason()  # once more does nothing
        self.assertEqual(self._reasons("en_US")[-1], "Requirements of Bronze met")

    def test_activity_is_in_the_managers_language(self):
        self.program.change_mode = "approved"
        self.program_manager.lang = "ru_RU"
        self.sales[self.partner.id] = 120.0
        with patch.object(
            code_translations, "get_python_translations", self._translate_approval
        ):
            run = self._review("2026-03-02")
        self.assertEqual(run.activity_ids.summary, "На утверждение: 1")

    @staticmethod
    def _translate_approval(_module, lang):
        if lang != "ru_RU":
            return {}
        return {"Tier changes to approve: %(count)s": "На утверждение: %(count)s"}
