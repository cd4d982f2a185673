from datetime import timedelta

from odoo import fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.exceptions import UserError
from odoo.tools import format_date

from .prm_deal_registration import STAFF

# After these the customer is free, and the same partner has to wait before it comes back.
COOLING_STATES = ("expired", "withdrawn")
CLOSED_STATES = ("won", "lost", *COOLING_STATES)


class PrmDealRegistration(models.Model):
    """What the policy says about handing claims in."""

    _inherit = "prm.deal.registration"

    policy_id = fields.Many2one(
        "prm.deal.policy", related="membership_id.deal_policy_id", string="Policy", groups=STAFF
    )
    date_ended = fields.Date(
        string="Ended On",
        readonly=True,
        copy=False,
        help="When the claim was withdrawn, revoked or expired.",
    )

    def _transition(self, state, event, data=None, **values):
        if state in COOLING_STATES:
            values.setdefault("date_ended", fields.Date.context_today(self))
        res = super()._transition(state, event, data, **values)
        if event == "approved":
            for deal in self:
                deal._begin_protection()
        elif state in CLOSED_STATES:
            self._close_claim()
        return res

    def _begin_protection(self):
        """What approval sets besides. For the other steps of this model to extend."""
        self.ensure_one()

    def _close_claim(self):
        """What comes to nothing when claims are won, lost or ended. To be extended, too."""

    def _get_protection_days(self):
        return self.membership_id._get_deal_term("protection_days")

    def _check_complete(self):
        res = super()._check_complete()
        self._check_open_limit()
        self._check_cooling_off()
        return res

    def _get_block_reasons(self):
        deals = self.with_context(prm_placed_deal_ids=self.ids)
        return super(PrmDealRegistration, deals)._get_block_reasons()

    def _check_open_limit(self):
        """Count the open deals while nobody else of the partner can hand one in."""
        memberships = self.grouped("membership_id")
        names = sorted(f"open_deals:{membership.id}" for membership in memberships)
        self.env["prm.account.lock"]._acquire(names)
        for membership, deals in memberships.items():
            reason = membership and membership._get_open_limit_reason(deals)
            if reason:
                raise UserError(reason)

    def _check_cooling_off(self):
        for deal in self:
            former = deal._get_cooling_deals()[:1]
            if former:
                until = former.date_ended + timedelta(days=deal.policy_id.cooling_off_days)
                raise UserError(
                    self.env._(
                        "The protection of this customer by your registration %(deal)s ended on"
                        " %(ended)s. You can register it again from %(date)s.",
                        deal=former.name,
                        ended=format_date(self.env, former.date_ended),
                        date=format_date(self.env, until),
                    )
                )

    def _get_cooling_deals(self):
        """Deals of the same partner on this customer whose protection ended a short time ago.

        A claim that was never protected blocks nothing: who withdraws a mistake may correct it.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        since = today - timedelta(days=self.policy_id.cooling_off_days)
        protections = self.env["prm.deal.protection"].with_context(active_test=False)
        former = protections.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("account_key", "in", account_keys.protection_keys(self._get_account_keys())),
                ("registration_id.state", "in", COOLING_STATES),
                ("registration_id.date_ended", ">", since),
            ]
        ).registration_id
        overlaps = self.env["prm.deal.conflict"]._scopes_overlap
        return former.filtered(lambda deal: overlaps(self, deal)).sorted("date_ended", reverse=True)
