from datetime import date

from .common import EnablementCase


class TestPerformance(EnablementCase):
    """The number of queries does not depend on the number of records."""

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _companies(self, count):
        companies = self.env["res.partner"].create(
            [{"name": f"C{number}", "is_company": True} for number in range(count)]
        )
        for company in companies:
            self._issue(self._new_people(1, company))
        return companies

    def test_metric(self):
        def measure(companies):
            return self._count(
                lambda: self.env["prm.metric"]._measure(
                    "certified_people", companies, None, date.today(), self.company
                )
            )

        measure(self._companies(1))
        for count in (5, 30):
            # Python may have freed an environment meanwhile, whose user is read again then.
            self.assertLessEqual(measure(self._companies(count)), 2)

    def test_counts_on_partners(self):
        few, many = self._companies(5), self._companies(30)
        few.mapped("prm_credential_count")
        few_count = self._count(lambda: few.mapped("prm_credential_count"))
        self.assertEqual(few_count, self._count(lambda: many.mapped("prm_credential_count")))

    def test_issue(self):
        """A person more costs the number from the sequence, two queries at the most."""

        def issue(count):
            people = self._new_people(count)
            requests = [
                {"partner": person, "certification": self.certification} for person in people
            ]
            return self._count(lambda: self.env["prm.credential"]._issue(requests))

        issue(1)
        few, many = issue(10), issue(40)
        self.assertLessEqual(many - few, 2 * 30)
