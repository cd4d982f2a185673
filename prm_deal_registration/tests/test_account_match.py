import csv
import doctest
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.prm_partner.tests.test_account_keys import EXAMPLES
from odoo.addons.prm_partner.tools.account_keys import Account
from odoo.addons.prm_partner.tools.company_names import name_similarity
from odoo.tests import BaseCase, tagged

from ..tools import account_match
from ..tools.account_match import match

WEIGHTS = {
    "vat": 100, "registry": 100, "email": 90, "domain": 90, "name": 75, "phone": 70, "address": 40
}  # fmt: skip
REVIEW = 60
# The labelled set of the project, and what a change of the engine may not fall below.
PAIRS = Path(__file__).parents[2] / "tests" / "conflict_quality" / "company_pairs.csv"
FLOOR = 0.95
NAME = st.sampled_from(
    ["Siebenhaar GmbH", "Sibenhaar", "Müller Bau", "Bau Mueller KG", "Stadtwerke Köln", "IBM",
     "International Business Machines", "ООО «Ромашка»", "Romashka LLC", "Studio 54", "", "GmbH"]
)  # fmt: skip
DATA = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(NAME, st.text(max_size=30)),
        "vat": st.sampled_from(["DE136695976", "DE129274202", "136695976", "x", ""]),
        "website": st.sampled_from(["acme.com", "https://shop.acme.com/x", "acme.de", "vk.com/a"]),
        "email": st.sampled_from(["jo@acme.com", "jo@gmail.com", "max@globex.com", "?"]),
        "phone": st.sampled_from(["030 901820", "+49 30 901820", "+49 30 9018215", "12"]),
        "country": st.sampled_from(["DE", "AT", "de", ""]),
        "zip": st.sampled_from(["10115", "D-10115", "80331"]),
        "street": st.sampled_from(["Hauptstr. 5", "Hauptstraße 5", "Tal 5", "Markt"]),
    },
)
# One key at a time, each with a value that nothing in NAME contradicts.
EQUAL = {
    "phone": "030 901820",
    "email": "jo@gmail.com",
    "website": "https://acme.com",
    "vat": "DE136695976",
}


@tagged("post_install", "-at_install")
class TestAccountMatch(BaseCase):
    def _match(self, first, second):
        return match(Account.of(first), Account.of(second), WEIGHTS)

    def test_doctests(self):
        result = doctest.testmod(account_match)
        self.assertGreater(result.attempted, 0)
        self.assertEqual(result.failed, 0)

    @EXAMPLES
    @given(DATA, DATA)
    def test_symmetry_and_range(self, first, second):
        found, mirrored = self._match(first, second), self._match(second, first)
        self.assertEqual(found, mirrored)
        self.assertTrue(0 <= found.score <= 100)
        self.assertTrue(all(0 < points <= 100 for points in found.contributions.values()))

    @EXAMPLES
    @given(DATA)
    def test_identical_companies(self, data):
        """The same description is the same company, as surely as its strongest key says."""
        account = Account.of(data)
        has = {
            "vat": account.keys["vat"],
            "domain": account.keys["domain"] or account.keys["mail_domain"],
            "email": account.keys["email"],
        }
        score = self._match(data, dict(data)).score
        if any(has.values()):
            self.assertGreaterEqual(score, 90)
        elif account.keys["phone"]:
            self.assertGreaterEqual(score, 70)

    def test_identical_full_data_blocks(self):
        data = {
            "name": "Siebenhaar", "phone": "030 901820", "country": "DE", "zip": "10115",
            "street": "Hauptstr. 5",
        }  # fmt: skip
        self.assertGreaterEqual(self._match(data, dict(data)).score, 90)

    @EXAMPLES
    @given(DATA, DATA, st.sampled_from(sorted(EQUAL)))
    def test_equal_evidence_never_lowers_the_score(self, first, second, key):
        base = {name: value for name, value in first.items() if name != key}
        other = {name: value for name, value in second.items() if name != key}
        more = {key: EQUAL[key]}
        before = self._match(base, other).score
        self.assertGreaterEqual(self._match({**base, **more}, {**other, **more}).score, before)

    @EXAMPLES
    @given(st.text(max_size=40), st.text(max_size=40))
    def test_similarity_of_any_text(self, first, second):
        similarity = name_similarity(first, second)
        self.assertTrue(0.0 <= similarity <= 1.0)
        self.assertEqual(similarity, name_similarity(second, first))

    def test_names(self):
        same = (
            ("ООО «Ромашка»", "Romashka LLC"),
            ("Müller GmbH & Co. KG", "Mueller GmbH"),
            ("BMW AG", "Bayerische Motoren Werke"),
            ("Acme Intl", "ACME International, Inc."),
            ("Data Bridge", "DataBridge GmbH"),
            ("华为技术有限公司", "Huawei Technologies Co., Ltd."),
            ("삼성전자 주식회사", "Samsung Electronics"),
        )
        different = (
            ("Stadtwerke Köln", "Stadtwerke Bonn"),
            ("United Airlines", "United Rentals"),
            ("Müller Bau GmbH", "Müller Bau Süd"),
            ("Studio 54", "Studio 45"),
            ("Siemens", "Siemens Energy"),
            ("Windpark Nordsee II", "Windpark Nordsee III"),
        )
        for pairs, expected in ((same, True), (different, False)):
            for one, other in pairs:
                with self.subTest(one=one, other=other):
                    found = self._match({"name": one}, {"name": other})
                    self.assertEqual(found.score >= REVIEW, expected)

    def test_independent_evidence_adds_up(self):
        name = {"name": "Siebenhaar", "country": "DE"}
        phone = {"phone": "030 901820", "country": "DE"}
        self.assertEqual(self._match(name, name).score, 75)
        self.assertEqual(self._match(phone, phone).score, 70)
        self.assertEqual(self._match({**name, **phone}, {**name, **phone}).score, 92)

    def test_address_and_domain_of_one_group_do_not_add_up(self):
        data = {"email": "jo@acme.com", "website": "acme.com"}
        self.assertEqual(self._match(data, data).score, 90)

    def test_two_vat_numbers_are_two_companies(self):
        shared = {"website": "acme.com", "country": "DE"}
        first = {**shared, "vat": "DE136695976"}
        self.assertEqual(self._match(shared, first).score, 90)
        self.assertLess(self._match(first, {**shared, "vat": "DE129274202"}).score, REVIEW)
        # A wrong check digit is a slip of the finger.
        self.assertEqual(self._match(first, {**shared, "vat": "DE136695967"}).score, 90)

    def test_same_name_elsewhere(self):
        near = {"name": "Nova Systems", "country": "DE"}
        self.assertLess(self._match(near, {**near, "country": "FR"}).score, REVIEW)
        rare = {"name": "Zwickelhuber Präzisionsschleiferei", "country": "DE"}
        self.assertGreaterEqual(self._match(rare, {**rare, "country": "AT"}).score, REVIEW)

    def test_host_of_many_companies(self):
        data = {"website": "acme.com", "phone": "+4930901820"}
        account = Account.of(data)
        crowded = match(account, account, WEIGHTS, frozenset({"acme.com", "+4930901820"}))
        self.assertEqual(crowded.contributions, {"domain": 45, "phone": 35})

    def test_labelled_set(self):
        """Precision and recall of the project's own set, with all data and by name alone."""
        with PAIRS.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertGreater(len(rows), 500)
        for only_name in (False, True):
            counts = dict.fromkeys(("hit", "false", "missed", "right"), 0)
            for row in rows:
                if not only_name or row["by_name"] == "yes":
                    counts[self._judge(row, only_name)] += 1
            precision = counts["hit"] / (counts["hit"] + counts["false"])
            recall = counts["hit"] / (counts["hit"] + counts["missed"])
            with self.subTest(only_name=only_name):
                self.assertGreaterEqual(min(precision, recall), FLOOR, counts)

    def _judge(self, row, only_name):
        keys = ("name", "country") if only_name else ("country", "zip", "street", "phone", "email",
                                                      "website", "vat", "name")  # fmt: skip
        sides = [{key: row[f"{side}_{key}"] for key in keys} for side in "ab"]
        found = self._match(*sides).score >= REVIEW
        same = row["label"] == "same"
        return {(1, 1): "hit", (1, 0): "false", (0, 1): "missed"}.get((found, same), "right")
