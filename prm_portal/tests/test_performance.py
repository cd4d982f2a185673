from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestPerformance(PortalCase):
    """A page costs the same number of queries, however much there is to show."""

    def setUp(self):
        super().setUp()
        self._login(self.people["admin"])

    def _count_queries(self, path):
        for _warm_up in range(3):
            self._get(path)
        before = self.cr.sql_log_count
        self._get(path)
        return self.cr.sql_log_count - before

    def _assert_constant(self, path, add):
        add(2)
        few = self._count_queries(path)
        add(16)
        self.assertEqual(self._count_queries(path), few, path)

    def _add_deals(self, count):
        self.deals.create(
            [
                {"partner_id": self.partner.id, "contact_id": self.contact.id, **self._values()}
                for _number in range(count)
            ]
        )

    def _add_people(self, count):
        people = self.env["res.partner"].create(
            [
                {"name": f"Person {number}", "parent_id": self.partner.id}
                for number in range(count)
            ]
        )
        self.env["prm.credential"].create(
            [
                {"partner_id": person.id, "certification_id": self.certification.id}
                for person in people
            ]
        )
        self.env["prm.certification"].create(
            [{"name": f"Certification {number}"} for number in range(count)]
        )

    def _add_statements(self, count):
        known = self.env["prm.commission.settlement"].search_count([])
        for number in range(count):
            self._new_statement(self.deal, 10.0, days_ago=known + number)

    def _add_everything(self, count):
        self._add_deals(count)
        self._add_people(count)
        self._add_statements(count)

    def test_deals(self):
        self._assert_constant("/my/deals", self._add_deals)

    def test_credentials(self):
        self._assert_constant("/my/credentials", self._add_people)

    def test_people(self):
        self._assert_constant("/my/partner/people", self._add_people)

    def test_commissions(self):
        self._assert_constant("/my/commissions", self._add_statements)

    def test_statements(self):
        self._assert_constant("/my/statements", self._add_statements)

    def test_statement(self):
        """One statement with few and with many entries."""

        def add(count):
            for _number in range(count):
                self._new_entries(self.deal, [10.0], self.statement.date_to)
            self.statement._claim_entries()

        self._assert_constant(f"/my/statements/{self.statement.id}", add)

    def test_partner_home(self):
        self._assert_constant("/my/partner", self._add_everything)
