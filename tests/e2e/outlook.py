"""What the partner sees in the end, and what its rival does not."""

from . import privacy
from .base import Partner
from .client import Client
from .money import Money

PAGES = (
    "/my",
    "/my/partner",
    "/my/partner/people",
    "/my/deals",
    "/my/credentials",
    "/my/commissions",
    "/my/statements",
    "/my/invoices",
    "/my/orders",
    "/my/opportunities",
    "/my/leads",
)
# Models that hold something of a partner, with the field that says whose it is.
OWNED = {
    "prm.membership": "partner_id",
    "prm.tier.change": "partner_id",
    "prm.deal.registration": "partner_id",
    "prm.deal.conflict": "registration_id.partner_id",
    "prm.deal.protection": "partner_id",
    "prm.deal.event": "registration_id.partner_id",
    "prm.credential": "company_partner_id",
    "prm.commission.entry": "partner_id",
    "prm.commission.settlement": "partner_id",
    "crm.lead": "partner_assigned_id",
    "sale.order": "prm_partner_id",
    "res.partner": "commercial_partner_id",
    "res.users": "partner_id.commercial_partner_id",
    "survey.user_input": "partner_id.commercial_partner_id",
}
# Those of them that have a chatter.
THREADS = (
    "prm.deal.registration",
    "prm.membership",
    "prm.credential",
    "prm.commission.settlement",
    "crm.lead",
    "sale.order",
    "account.move",
    "res.partner",
)
DEAL_ACTIONS = {
    "action_submit": [],
    "action_withdraw": [],
    "action_approve": [],
    "prm_update": [{"description": "mine"}],
    "message_post": [],
}
SETTLEMENT_ACTIONS = {"action_confirm": [], "action_send": [], "action_cancel": []}
ADDRESSES = {
    "/my/deals/{}": "prm.deal.registration",
    "/my/deals/{}/edit": "prm.deal.registration",
    "/my/statements/{}": "prm.commission.settlement",
    "/my/statements/{}/pdf": "prm.commission.settlement",
    "/web/content/{}": "ir.attachment",
}
# Odoo's own pages may say that something exists, but not what.
STOCK_ADDRESSES = {"/my/opportunity/{}": "crm.lead", "/my/lead/{}": "crm.lead"}


class Outlook(Money):
    """Steps 10 and 11."""

    def step_10_partner_sees_its_business(self) -> None:
        """Deal, credential, tier progress, statement and payment, each on its page."""
        contact = self.ours.client
        customer = f"Kundenwerk {self.run_id}"
        gold = f"Gold {self.run_id}"
        seen = {
            # One of one certificate and one of two won deals.
            "/my/partner": (self.ours.company, f"75 % to {gold}", customer, "Expert", "800.00"),
            "/my/deals": (customer, self.deal_number, "Won"),
            f"/my/deals/{self.deal_id}": (customer, "Won", "Protected for you", "requirements.txt"),
            "/my/credentials": (self.credential_number, self.ours.person, "Valid", "You hold it"),
            "/my/commissions": ("493.83", "493.82", "-187.65", "Paid", "8 % of", customer),
            "/my/statements": (self.settlement_number, "Paid", "800.00"),
            f"/my/statements/{self.settlement_id}": ("Paid", "800.00", self.bill_number),
            f"/my/invoices/{self.bill_id}": (self.bill_number, self.bill_total, "Paid"),
        }
        for path, texts in seen.items():
            page = contact.page(path)
            assert page.status == 200, f"{path} answers {page.status}"
            for text in texts:
                assert text in page.text, f"“{text}” is not on {path}: {page.text}"

    def step_11_rival_sees_nothing(self) -> None:
        """By page, call, JSON, attachment, chatter or message: neither learns of the other."""
        self._check_that_spying_works()
        setting = ("portal.allow_api_keys", "True")
        self.admin.call("ir.config_parameter", "set_param", *setting)
        for spy, other in ((self.rival, self.ours), (self.ours, self.rival)):
            key = spy.client.new_api_key(spy.password)
            own = spy.client.external(key, "prm.deal.registration", "search", domain=[])
            assert own, "the external API does not even show the own deals"
            self._check_nothing(self._spy(spy.client, key, other))

    def _check_that_spying_works(self) -> None:
        """On what is one's own the same questions must be answered."""
        client, deals = self.ours.client, {"prm.deal.registration": [self.deal_id]}
        seen = {
            "records": privacy.check_records(client, deals),
            "chatter": privacy.check_chatter(client, deals),
            "addresses": privacy.check_addresses(client, {"/my/deals/{}": [self.deal_id]}),
            "words": privacy.check_words(client, ["/my/deals"], [self.deal_number]),
        }
        blind = [road for road, answers in seen.items() if not answers]
        assert not blind, f"nothing can be seen by {blind}, not even what is one's own"

    def _spy(self, client: Client, key: str, other: Partner) -> list[str]:
        records = self._find_records(other)
        deals = records["prm.deal.registration"]
        settlements = records["prm.commission.settlement"]
        threads = {model: ids for model, ids in records.items() if model in THREADS}
        own = {pattern: records[model] for pattern, model in ADDRESSES.items()}
        own |= {f"/my/deals/{deal}/attachment/{{}}": records["ir.attachment"] for deal in deals}
        stock = {pattern: records[model] for pattern, model in STOCK_ADDRESSES.items()}
        return [
            *privacy.check_records(client, records),
            *privacy.check_external(client, key, records),
            *privacy.check_chatter(client, threads),
            *privacy.check_actions(client, "prm.deal.registration", deals, DEAL_ACTIONS),
            *privacy.check_actions(
                client, "prm.commission.settlement", settlements, SETTLEMENT_ACTIONS
            ),
            *privacy.check_addresses(client, own),
            *privacy.check_addresses(client, stock, strict=False),
            *privacy.check_words(client, PAGES, self._get_words(other)),
        ]

    def _find_records(self, partner: Partner) -> dict[str, list[int]]:
        """Ids of all that belongs to a partner, by model."""
        company = partner.company_id
        records = {
            model: self.admin.call(model, "search", [(field, "=", company)])
            for model, field in OWNED.items()
        }
        deals = records["prm.deal.registration"]
        records["account.move"] = self.admin.call(
            "account.move",
            "search",
            ["|", ("prm_partner_id", "=", company), ("partner_id", "=", company)],
        )
        records["ir.attachment"] = self.admin.call(
            "ir.attachment",
            "search",
            [("res_model", "=", "prm.deal.registration"), ("res_id", "in", deals)],
        )
        records["mail.message"] = self.admin.call(
            "mail.message",
            "search",
            [("model", "=", "prm.deal.registration"), ("res_id", "in", deals)],
        )
        empty = [
            model
            for model, ids in records.items()
            if not ids and (partner is self.ours or model in THREADS[:2])
        ]
        # Ours has no conflicts: whoever comes first is in nobody's way.
        assert set(empty) <= {"prm.deal.conflict"}, f"there is nothing to hide in {empty}"
        return records
