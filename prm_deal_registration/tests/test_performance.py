from unittest.mock import patch

from ..models.prm_conflict_search import KEY_COLUMNS
from .common import DealCase


class TestPerformance(DealCase):
    """The number of queries does not depend on the number of records."""

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _drafts(self, prefix, count):
        return self.deals.create(
            [
                {
                    "partner_id": self.partner.id,
                    "membership_id": self.membership.id,
                    **self._values(name=f"{prefix}{number}", customer_phone="+4930901820"),
                }
                for number in range(count)
            ]
        )

    def _leads(self, prefix, count):
        return self.env["crm.lead"].create(
            [
                {
                    "type": "opportunity",
                    "name": f"L{number}",
                    "email_from": f"x@{prefix}{number}.com",
                    "partner_name": f"{prefix}{number}",
                }
                for number in range(count)
            ]
        )

    def test_keys(self):
        def compute(records):
            names = [name for name in records._fields if name.startswith("key_")]
            for name in names:
                self.env.add_to_compute(records._fields[name], records)

            def run():
                self.assertTrue(all(records.mapped("key_name")))

            # Without the UPDATEs, which are one per hundred rows.
            self.env.invalidate_all(flush=False)
            before = self.cr.sql_log_count
            run()
            return self.cr.sql_log_count - before

        few, many = self._leads("few", 10), self._leads("many", 100)
        self.env.flush_all()
        self.assertEqual(compute(few), compute(many))

    def test_candidates(self):
        conflicts = self.env["prm.deal.conflict"]
        few, many = self._drafts("few", 10), self._drafts("many", 100)
        self._leads("few", 10)
        self._leads("many", 100)
        for deals, expected in ((few, 10), (many, 100)):
            self.assertEqual(len(conflicts._get_matches(deals)), expected)
        few_count = self._count(lambda: conflicts._get_matches(few))
        many_count = self._count(lambda: conflicts._get_matches(many))
        self.assertEqual(few_count, many_count)

    def test_candidates_are_one_query(self):
        deals = self._drafts("few", 10)
        self.env.flush_all()
        deals.mapped("key_name")
        with self.assertQueryCount(1):
            self.env["prm.conflict.search"]._fetch_candidates(deals)

    def test_candidates_come_from_indexes(self):
        deal = self._drafts("many", 300)[0]
        self._leads("many", 300)
        self.env["prm.account.reservation"].create([{"name": f"R{n}"} for n in range(300)])
        search = self.env["prm.conflict.search"]
        self.env.flush_all()
        # In a nearly empty table any index is as good as another.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for source in ("registration", "opportunity", "customer", "reservation"):
            for kind, column in KEY_COLUMNS:
                wanted = {(kind, "x"): [(deal.id, self.company.id)]}
                query = search._get_branch(source, wanted)
                text = self.env.cr.mogrify(query.code, query.params).decode()
                # The company has an index too, which would do as well here.
                text = text.replace("other.company_id", "(other.company_id + 0)")
                self.env.cr.execute(f"EXPLAIN {text}")
                plan = "\n".join(line for [line] in self.env.cr.fetchall())
                with self.subTest(source=source, column=column):
                    self.assertIn(f"_key_{column}_index", plan)

    def test_protection_notice(self):
        self._register()
        few, many = self._leads("few", 10), self._leads("many", 100)
        few_count = self._count(lambda: few.mapped("prm_protection_notice"))
        self.assertEqual(few_count, self._count(lambda: many.mapped("prm_protection_notice")))

    def test_expiry(self):
        def expire(prefix, count):
            deals = self._drafts(prefix, count)
            deals.write({"state": "approved", "date_protected_until": "2020-01-01"})
            with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
                counted = self._count(self.deals._cron_expire)
            self.assertEqual(set(deals.mapped("state")), {"expired"})
            return counted

        expire("warm", 1)
        few, many = expire("few", 10), expire("many", 90)
        self.assertEqual(few, many)
