from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.http import request, route

from .agreements import TO_SIGN
from .common import PartnerPage

LATEST = 5


class PartnerOverview(PartnerPage):
    """The partner's home, and its people."""

    @route("/my/partner", type="http", auth="user", website=True, readonly=True)
    def prm_partner(self, **_query):
        """The partner's home: tier, deals, people and money at a glance."""
        company = self._get_partner_company()
        deals = request.env["prm.deal.registration"]
        values = self._get_page_values(
            "prm_partner",
            request.env._("Partner portal"),
            company=company,
            memberships=self._get_memberships(company),
            deal_states=self._get_deal_states(),
            deals=deals.search([], order="id desc", limit=LATEST),
            can_register=self._can_register(),
            block_reasons=self._get_block_reasons(),
            people=self._get_certified_people(),
            money=self._get_money(),
            to_sign=request.env["prm.agreement"].search(TO_SIGN),
            **self._get_overview_sections(),
        )
        return request.render("prm_portal.partner_home", values)

    @route("/my/partner/people", type="http", auth="user", website=True, readonly=True)
    def prm_people(self, **_query):
        """The partner company's contacts with their roles, for its administrator."""
        company = self._get_partner_company()
        if not request.env.user.has_group("prm_partner.group_partner_admin"):
            raise request.not_found()
        values = self._get_page_values(
            "prm_people", request.env._("People"), people=self._get_people(company)
        )
        return request.render("prm_portal.people", values)

    def _get_overview_sections(self):
        """Values of the sections that other controllers add to the partner's home."""
        return {}

    def _get_memberships(self, company):
        """Open memberships, as dicts with what the page shows of them."""
        memberships = request.env["prm.membership"].search(
            [("partner_id", "=", company.id), ("state", "!=", "ended")],
            order="is_primary desc, id",
        )
        progresses = memberships._tier_progresses("aim")
        benefits = memberships._prm_shown_benefits()
        return [
            {
                **self._get_membership_values(membership, self._mask(progresses[membership.id])),
                "benefits": benefits[membership.id],
            }
            for membership in memberships
        ]

    def _get_membership_values(self, membership, progress):
        # sudo: name and e-mail of the partner's manager are meant for the partner.
        manager = membership.sudo().user_id
        return {
            "membership": membership,
            "progress": progress,
            "block_reasons": membership._block_reasons("registration"),
            "currency": progress["currency"],
            "summary": membership._tier_summary(progress),
            # sudo: until when the tier stays is meant for the partner, not for its distributor.
            "grace_until": membership.sudo().grace_until,
            "manager": {"name": manager.name, "email": manager.email, "phone": manager.phone},
        }

    def _mask(self, progress):
        """Progress of the tier; who may see no money sees money as percent."""
        if self._sees_money():
            return progress
        hidden = {"unit": "percent", "threshold": 100, "direction": "up"}
        return {
            **progress,
            "requirements": [
                {**line, **hidden, "value": line["percent"]} if line["unit"] == "money" else line
                for line in progress["requirements"]
            ],
        }

    def _get_deal_states(self):
        """Number of deals by state, as (state, label, count), states without deals left out."""
        deals = request.env["prm.deal.registration"]
        counts = dict(deals._read_group([], ["state"], ["__count"]))
        labels = deals._fields["state"]._description_selection(request.env)
        return [(state, label, counts[state]) for state, label in labels if counts.get(state)]

    def _get_certified_people(self):
        """People with a credential of today, each with the names of the certifications."""
        credentials = request.env["prm.credential"].search(
            [("state", "in", ("valid", "expiring"))], order="partner_id, date_end"
        )
        # sudo: somebody who has left for another company keeps the name on the old credential.
        people = credentials.sudo().grouped("partner_id")
        return [(person.name, held) for person, held in people.items()]

    def _get_money(self):
        """What the partner has earned this month and what is not paid yet, per currency.

        :return: list of dicts with currency, month and due; None if the role sees no commissions
        """
        entries = request.env["prm.commission.entry"]
        if not entries.has_access("read"):
            return None
        month = fields.Date.context_today(entries) + relativedelta(day=1)
        earned = dict(
            entries._read_group([("date", ">=", month)], ["currency_id"], ["amount:sum"])
        )
        due = dict(
            entries._read_group([("state", "!=", "paid")], ["currency_id"], ["amount:sum"])
        )
        return [
            {
                "currency": currency,
                "month": earned.get(currency, 0.0),
                "due": due.get(currency, 0.0),
            }
            for currency in {**earned, **due}
        ]

    def _get_people(self, company):
        """Contacts of the company, as dicts with what the page shows of them."""
        contacts = request.env["res.partner"].search(
            [
                ("commercial_partner_id", "=", company.id),
                ("is_company", "=", False),
                ("type", "=", "contact"),
            ],
            order="name",
        )
        roles = dict(contacts._fields["prm_role"]._description_selection(request.env))
        # sudo: the administrator of a partner sees who of the own company has which role.
        people = contacts.sudo()
        return [
            {
                "name": contact.name,
                "function": contact.function,
                "email": contact.email,
                "role": roles.get(contact.prm_role),
                "has_user": bool(contact.user_ids),
            }
            for contact in people
        ]
