import doctest

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import account_keys, company_names, company_words

# The same examples each time, and no limit of time: the machine may be busy.
EXAMPLES = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=20)
FORM = st.sampled_from(["GmbH", "Ltd.", "Inc", "S.A.", "LLC", "GmbH & Co. KG", "AG", "SARL"])
TYPED = st.sampled_from(["DE12345", "x.com", "Acme", "jo@x.com", ""])
WORDS = st.lists(LABEL.filter(lambda word: not company_words.get_word(word)), min_size=1)


@tagged("post_install", "-at_install")
class TestAccountKeys(BaseCase):
    def test_doctests(self):
        for module in (account_keys, company_names, company_words):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 5)
                self.assertEqual(result.failed, 0)

    @EXAMPLES
    @given(st.text(), st.text(), st.sampled_from([None, "DE", "us", "KZ"]))
    def test_any_text_is_taken(self, text, other, country):
        data = dict.fromkeys(("name", "vat", "website", "email", "phone"), text)
        keys = account_keys.account_keys({**data, "email": other, "country": country})
        for key in keys.values():
            self.assertTrue(key is None or (isinstance(key, str) and key))
        self.assertEqual(account_keys.lock_keys(keys), sorted(set(account_keys.lock_keys(keys))))

    @EXAMPLES
    @given(WORDS, FORM)
    def test_legal_form_and_case_do_not_matter(self, words, form):
        name = " ".join(words)
        self.assertEqual(
            account_keys.name_key(f"{name.upper()} {form}"), account_keys.name_key(name)
        )

    @EXAMPLES
    @given(st.text())
    def test_name_key_is_stable(self, name):
        key = account_keys.name_key(name)
        if key:
            self.assertTrue(key.isascii())
            self.assertEqual(account_keys.name_key(key), key)

    @EXAMPLES
    @given(LABEL, LABEL, st.sampled_from(["com", "co.uk", "de", "example"]))
    def test_subdomain_path_and_scheme_do_not_matter(self, label, sub, suffix):
        domain = f"{label}.{suffix}"
        key = account_keys.domain_key(domain)
        for address in (f"https://{sub}.{domain}/x?y=1", f"HTTP://WWW.{domain}", f"jo@{domain}"):
            self.assertEqual(account_keys.domain_key(address), key)

    @EXAMPLES
    @given(
        st.lists(
            st.sampled_from(["DE12345", "x.com", "Acme", "jo@x.com", ""]), min_size=5, max_size=5
        )
    )
    def test_matching_is_symmetric(self, values):
        fields = ("vat", "website", "name", "email", "phone")
        first = account_keys.account_keys(dict(zip(fields, values, strict=True)))
        second = account_keys.account_keys({"name": "ACME Ltd", "email": "jo@x.com"})
        self.assertEqual(
            account_keys.matching_keys(first, second), account_keys.matching_keys(second, first)
        )

    def test_free_mail_is_no_domain(self):
        keys = account_keys.account_keys({"name": "A", "email": "jo@gmail.com"})
        self.assertIsNone(keys["mail_domain"])
        self.assertEqual(keys["email"], "jo@gmail.com")

    def test_website_and_mail_domain_meet(self):
        first = account_keys.account_keys({"website": "www.acme.de", "email": "jo@acme.com"})
        second = account_keys.account_keys({"email": "info@acme.de"})
        self.assertEqual(account_keys.matching_keys(first, second), ["domain"])

    def test_same_name_in_two_countries(self):
        german = account_keys.account_keys({"name": "Atlas GmbH", "country": "DE"})
        french = account_keys.account_keys({"name": "Atlas SAS", "country": "FR"})
        unknown = account_keys.account_keys({"name": "Atlas"})
        self.assertEqual(account_keys.matching_keys(german, french), [])
        self.assertEqual(account_keys.matching_keys(german, unknown), ["name"])
