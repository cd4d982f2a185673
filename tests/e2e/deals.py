"""Registration, conflict, decision, protection."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from .base import Partner
from .client import Page, RpcError
from .enrolment import Enrolment

AMOUNT = "14500.50"
FILE = ("requirements.txt", b"The customer wants 40 gateways by spring.\n", "text/plain")


class Deals(Enrolment):
    """Steps 4 to 6."""

    def step_04_deal_registered_in_the_portal(self) -> None:
        """Bad input comes back with what was typed; the deal is approved at once by rule."""
        self._register_badly()
        contact = self.ours.client
        form = contact.page("/my/deals/new")
        values = self._prepare_deal("Kundenwerk", "einkauf", "Germany")
        page = contact.send(form, values, {"attachment": FILE}, "/my/deals/new")
        assert page.status == 200, f"the deal was not taken: {page.status} {page.text[:500]}"
        self.deal_id = self._get_deal_id(page)
        again = contact.send(form, values, {"attachment": FILE}, "/my/deals/new")
        assert self._get_deal_id(again) == self.deal_id, f"sent twice, made twice: {again.url}"
        [deal] = self._find_deals(self.ours)
        self._check(deal, id=self.deal_id, state="approved", has_conflict=False, amount=14500.5)
        self.deal_number = deal["name"]
        for text in ("Approved", values["customer_name"], "14,500.50", "Protected for you"):
            assert text in page.text, f"“{text}” is not on the deal's page: {page.text}"
        self._check_attachment(page)
        self._send_queued_mail()
        self.mailbox.wait_for(self.ours.email, self.deal_number, values["customer_name"])

    def step_05_rival_registration_goes_to_review(self) -> None:
        """Staff see why; neither partner learns of the other."""
        before = self.ours.client.page(f"/my/deals/{self.deal_id}").text
        mails = len(self.mailbox.to(self.ours.email))
        values = self._prepare_deal("KW Holding", "projekte", "Austria")
        rival = self.rival.client
        page = rival.submit("/my/deals/new", values, action="/my/deals/new")
        self.rival_deal_id = self._get_deal_id(page)
        self._check_review(page)
        for action in ("action_approve", "action_reject"):
            self._check_nothing(self._decide_as_partner(action))
        self._try_to_approve()
        self._reject()
        page = rival.page(f"/my/deals/{self.rival_deal_id}")
        for text in ("Rejected", "registered already", "Talk to us first"):
            assert text in page.text, f"“{text}” is not on the rival's page: {page.text}"
        self._send_queued_mail()
        self.mailbox.wait_for(self.rival.email, self.rival_deal_number, "Talk to us first")
        self._check_rival_mails()
        assert self.ours.client.page(f"/my/deals/{self.deal_id}").text == before, (
            "the rival's registration shows on the first partner's page"
        )
        assert len(self.mailbox.to(self.ours.email)) == mails, "the first partner got a mail"

    def step_06_protection_and_opportunity(self) -> None:
        """Approval protects the customer and fills the pipeline; a race has one winner."""
        today = date.today()
        deal = self.olivia.read(
            "prm.deal.registration",
            self.deal_id,
            "lead_id",
            "date_protected_from",
            "date_protected_until",
            "protection_ids",
        )
        start, end = map(
            date.fromisoformat, (deal["date_protected_from"], deal["date_protected_until"])
        )
        assert abs(start - today) <= timedelta(days=1), f"protected from {start}"
        assert end - start == timedelta(days=90), f"protected for {end - start}"
        keys = self.olivia.search(
            "prm.deal.protection", [("registration_id", "=", self.deal_id)], "account_key"
        )
        assert any(self.customer_domain in key["account_key"] for key in keys), keys
        self.protection_ids = [key["id"] for key in keys]
        self.lead_id = deal["lead_id"][0]
        lead = self.olivia.read(
            "crm.lead",
            self.lead_id,
            "type",
            "expected_revenue",
            "partner_assigned_id",
            "registration_id",
            "prm_partner_id",
        )
        self._check(
            lead,
            type="opportunity",
            expected_revenue=14500.5,
            partner_assigned_id=self.ours.company_id,
            registration_id=self.deal_id,
            prm_partner_id=self.ours.company_id,
        )
        self._race()

    @property
    def customer_domain(self) -> str:
        return f"kunde-{self.run_id}.example"

    def _prepare_deal(self, name: str, mailbox: str, country: str) -> dict[str, str]:
        return {
            "customer_name": f"{name} {self.run_id}",
            "customer_website": "",
            "customer_email": f"{mailbox}@{self.customer_domain}",
            "customer_phone": "",
            "customer_country_id": self._get_country(country),
            "amount": AMOUNT,
            "date_close": (date.today() + timedelta(days=45)).isoformat(),
            "description": f"Notes of {name}",
        }

    def _get_country(self, name: str) -> str:
        options = self.ours.client.page("/my/deals/new").document.xpath(
            "//select[@name='customer_country_id']/option[normalize-space()=$name]/@value",
            name=name,
        )
        assert len(options) == 1, f"{name} cannot be chosen"
        return options[0]

    def _register_badly(self) -> None:
        typed = {
            "customer_name": "",
            "customer_email": "no address",
            "customer_website": f"www.{self.customer_domain}",
            "customer_phone": "+49 30 123456",
            "amount": "-5",
            "date_close": "2001-02-03",
            "description": "What I typed <b>stays</b>",
        }
        page = self.ours.client.submit("/my/deals/new", typed, action="/my/deals/new")
        assert page.status in (200, 422), f"the form answers {page.status}"
        marked = set(page.document.xpath("//*[@aria-invalid='true']/@name"))
        wrong = {"customer_name", "customer_email", "customer_country_id", "amount", "date_close"}
        assert marked == wrong, f"marked as wrong are {marked}"
        for name in wrong:
            text = page.document.xpath(f"string(//*[@id='prm_{name}_error'])")
            assert text.strip(), f"nothing is said about {name}"
        kept = page.typed("/my/deals/new")
        lost = {name for name, value in typed.items() if kept[name].strip() != value}
        assert not lost, f"what was typed is lost: {lost}"
        response = self.ours.client.post("/my/deals/new", typed)
        assert response.status_code == 400, f"without its token: {response.status_code}"
        assert not self._find_deals(self.ours), "a deal was made of bad input"

    def _get_deal_id(self, page: Page) -> int:
        tail = page.url.rpartition("/")[2].partition("?")[0]
        assert tail.isdigit(), f"no deal is shown: {page.url} {page.text[:500]}"
        return int(tail)

    def _find_deals(self, partner: Partner) -> list[dict]:
        return self.olivia.search(
            "prm.deal.registration",
            [("partner_id", "=", partner.company_id)],
            "name",
            "state",
            "has_conflict",
            "conflict_severity",
            "amount",
            "customer_name",
        )

    def _check_attachment(self, page: Page) -> None:
        links = page.links(f"/my/deals/{self.deal_id}/attachment/")
        assert len(links) == 1, f"the file is not on the page: {links}"
        self.attachment_id = int(links[0].rpartition("/")[2])
        content = self.ours.client.get(links[0]).content
        assert content == FILE[1], f"another file comes back: {content[:100]!r}"

    def _check_review(self, page: Page) -> None:
        """What staff and the rival see while the decision is open."""
        for text in ("In Review", "Decision expected by", "e-mail domain"):
            assert text in page.text, f"“{text}” is not on the rival's page: {page.text}"
        [deal] = self._find_deals(self.rival)
        self._check(
            deal,
            state="in_review",
            has_conflict=True,
            conflict_severity="block",
            id=self.rival_deal_id,
        )
        self.rival_deal_number = deal["name"]
        [conflict] = self.olivia.search(
            "prm.deal.conflict",
            [("registration_id", "=", self.rival_deal_id)],
            "other_registration_id",
            "key",
            "severity",
            "description",
        )
        self._check(conflict, other_registration_id=self.deal_id, key="domain", severity="block")
        assert self.ours.company in conflict["description"], conflict["description"]
        self.conflict_ids = [conflict["id"]]
        leaks = [word for word in self._get_words(self.ours) if word in page.content.decode()]
        assert not leaks, f"the rival's page shows {leaks}"

    def _get_words(self, partner: Partner) -> list[str]:
        """What a rival must never read of a partner."""
        words = [partner.company, partner.person, partner.email]
        return words + [
            text
            for deal in self._find_deals(partner)
            for text in (deal["customer_name"], deal["name"])
        ]

    def _decide_as_partner(self, action: str) -> list[str]:
        for client in (self.ours.client, self.rival.client):
            for deal_id in (self.deal_id, self.rival_deal_id):
                try:
                    client.call(
                        "prm.deal.registration", action, [deal_id], *self._get_extra(action)
                    )
                except RpcError as error:
                    if error.kind == "AccessError":
                        continue
                    return [f"{action} by a partner: {error}"]
                return [f"{client.login_name} could do {action} on {deal_id}"]
        return []

    def _get_extra(self, action: str) -> list:
        return [self._get_reason(), "because"] if action == "action_reject" else []

    def _get_reason(self) -> int:
        return self.olivia.search("prm.deal.reason", [("code", "=", "duplicate")])[0]["id"]

    def _try_to_approve(self) -> None:
        try:
            self.olivia.button("prm.deal.registration", "action_approve", self.rival_deal_id)
        except RpcError as error:
            assert error.kind in ("UserError", "ValidationError"), str(error)
            assert "protected" in error.message and self.deal_number in error.message, str(error)
        else:
            raise AssertionError("a protected customer was given to a second partner")

    def _reject(self) -> None:
        self.olivia.wizard(
            "prm.deal.reject",
            {"reason_id": self._get_reason(), "note": "Talk to us first"},
            "action_reject",
            {
                "active_model": "prm.deal.registration",
                "active_id": self.rival_deal_id,
                "active_ids": [self.rival_deal_id],
            },
        )

    def _check_rival_mails(self) -> None:
        words = self._get_words(self.ours)
        for mail in self.mailbox.to(self.rival.email):
            leaks = [word for word in words if word in mail.html or word in mail.subject]
            assert not leaks, f"the mail “{mail.subject}” to the rival has {leaks}"

    def _race(self) -> None:
        """Both partners register one new customer at the same moment."""
        with ThreadPoolExecutor() as pool:
            states = sorted(pool.map(self._register_for_race, (self.ours, self.rival)))
        assert states == ["approved", "in_review"], f"of two at once: {states}"

    def _register_for_race(self, partner: Partner) -> str:
        values = {
            "customer_name": f"Rennen of {partner.company}",
            "customer_email": f"info@rennen-{self.run_id}.example",
            "customer_country_id": int(self._get_country("Germany")),
            "amount": 1000,
            "date_close": (date.today() + timedelta(days=30)).isoformat(),
        }
        return partner.client.call("prm.deal.registration", "prm_register", values)["state"]
