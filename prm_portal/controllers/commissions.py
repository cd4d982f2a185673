from odoo.fields import Domain
from odoo.http import request, route

from .common import PartnerPage


class PartnerCommissions(PartnerPage):
    """The partner's side of the commission ledger."""

    @route(
        ["/my/commissions", "/my/commissions/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_commissions(self, page=1, filterby=None, **_query):
        """Ledger entries with their sums by state, and how each amount was computed."""
        entries = self._get_readable("prm.commission.entry")
        states = dict(entries._fields["state"]._description_selection(request.env))
        filterby = self._choose(states, filterby, "all")
        domain = Domain.TRUE if filterby == "all" else Domain("state", "=", filterby)
        values = self._get_page_values(
            "prm_commissions",
            request.env._("Commissions"),
            filterby=filterby,
            states=states,
            sums=self._get_sums(states),
            **self._get_list_values(
                entries,
                domain,
                "date desc, id desc",
                "/my/commissions",
                page,
                {"filterby": filterby},
            ),
        )
        return request.render("prm_portal.commissions", values)

    def _get_sums(self, states):
        """Sum of the entries by state: list of (state, label, [(currency, amount)])."""
        groups = request.env["prm.commission.entry"]._read_group(
            [], ["state", "currency_id"], ["amount:sum"]
        )
        sums = {state: [] for state in states}
        for state, currency, amount in groups:
            sums[state].append((currency, amount))
        return [(state, label, sums[state]) for state, label in states.items() if sums[state]]
