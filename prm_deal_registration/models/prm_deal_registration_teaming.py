from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from .prm_deal_registration import PENDING_STATES, STAFF
from .prm_deal_registration_policy import COOLING_STATES


class PrmDealRegistration(models.Model):
    """Several partners on one deal: one holds the protection, the others have a share."""

    _inherit = "prm.deal.registration"

    main_registration_id = fields.Many2one(
        "prm.deal.registration",
        string="Joins",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="The registration that holds the protection; this one has a share of the deal.",
    )
    teaming_ids = fields.One2many(
        "prm.deal.registration", "main_registration_id", string="Joined by", groups=STAFF
    )
    share_ids = fields.One2many(
        "prm.deal.share", "registration_id", string="Shares", copy=False, groups=STAFF
    )
    can_join = fields.Boolean(
        string="Can Be a Teaming Partner", compute="_compute_can_join", compute_sudo=True,
        groups=STAFF,
    )  # fmt: skip
    share_percent = fields.Float(
        string="Your Share (%)", compute="_compute_share_percent", compute_sudo=True
    )

    _main_check = models.Constraint(
        "CHECK(main_registration_id != id)", "A registration cannot join itself."
    )

    @api.depends("state", "conflict_ids")
    def _compute_can_join(self):
        for deal in self:
            pending = deal.state in PENDING_STATES and deal.has_conflict
            deal.can_join = bool(pending and deal._get_deal_to_join())

    @api.depends("share_ids.percent", "main_registration_id.share_ids.percent", "partner_id")
    def _compute_share_percent(self):
        for deal in self:
            deal.share_percent = deal._get_shares().get(deal.partner_id.id, 0.0)

    def _get_shares(self):
        """Who gets how much of this deal.

        :return: ``{partner_id: percent}``, the sum is 100
        """
        self.ensure_one()
        deal = self.main_registration_id or self
        shares = {share.partner_id.id: share.percent for share in deal.share_ids}
        rest = round(100 - sum(shares.values()), 2)
        return {deal.partner_id.id: rest, **shares} if rest else shares

    def action_join(self):
        """Approve the claim beside the one that holds the protection. For staff who decide.

        The partner gets the share of the policy, and the protection is as long as the first one.

        :return: True
        :raise UserError: nobody holds a protection, or its policy gives the deal to one alone
        """
        self._check_decision(PENDING_STATES)
        for deal in self.sudo():  # sudo: the right to decide was checked
            deal._lock_accounts()
            main = deal._get_deal_to_join()
            if not main:
                raise UserError(
                    self.env._(
                        "There is no approved deal of another partner that %(deal)s could join."
                        " Its policy has to let several partners work together.",
                        deal=deal.name,
                    )
                )
            deal._join(main)
        return True

    def _get_deal_to_join(self):
        """The approved deal of another partner that stands in the way and takes others in."""
        rivals = self._get_rival_protections().registration_id
        return rivals.filtered(
            lambda deal: (
                deal.state == "approved"
                and deal.policy_id.kind == "teaming"
                and self.partner_id.id not in deal._get_shares()
            )
        )[:1]

    def _join(self, main):
        self._check_membership_active()
        self.env["prm.deal.share"].create(
            {
                "registration_id": main.id,
                "partner_id": self.partner_id.id,
                "percent": main.policy_id.teaming_share,
            }
        )
        self.write({"main_registration_id": main.id, "lead_id": main.lead_id.id})
        self._transition(
            "approved",
            "approved",
            {"joins": main.name},
            date_protected_from=fields.Date.context_today(self),
            date_protected_until=main.date_protected_until,
            **self._prepare_decision_vals(),
        )
        self.membership_id._mark_milestone("first_registration")
        self._close_activities()
        self._send_mail("prm_deal_registration.mail_template_joined")

    def _check_shares(self):
        self.ensure_one()
        shares = self.env["prm.deal.share"].search([("registration_id", "=", self.id)])
        if float_compare(sum(shares.mapped("percent")), 100, precision_digits=2) > 0:
            raise ValidationError(
                self.env._(
                    "The shares of %s are more than 100 %% in sum. Lower one of them.", self.name
                )
            )
        if self.partner_id in shares.partner_id:
            raise ValidationError(
                self.env._(
                    "%(partner)s registered %(deal)s and has what is left by the shares of others.",
                    partner=self.partner_id.name,
                    deal=self.name,
                )
            )
        if shares and self.main_registration_id:
            raise ValidationError(
                self.env._(
                    "%(deal)s joins %(main)s. Share that one.",
                    deal=self.name,
                    main=self.main_registration_id.name,
                )
            )

    def _log_shares(self):
        shares = {deal.id: {"shares": deal.share_ids.mapped("display_name")} for deal in self}
        self.env["prm.deal.event"]._log(self, "shared", shares)

    def _get_rival_protections(self, start=None, end=None):
        rivals = super()._get_rival_protections(start, end)
        return rivals - self.main_registration_id.protection_ids

    def _apply_extension(self, request):
        res = super()._apply_extension(request)
        self.teaming_ids.date_protected_until = request.date_end
        self.teaming_ids._skip_reminders()
        return res

    def _check_extension(self):
        if self.main_registration_id:
            raise UserError(
                self.env._("The protection is extended by the partner who registered this customer"
                           " first; yours is as long.")
            )  # fmt: skip
        return super()._check_extension()

    def _may_be_extended_again(self):
        return not self.main_registration_id and super()._may_be_extended_again()

    def _set_milestone(self):
        return None if self.main_registration_id else super()._set_milestone()

    def _win(self, order):
        return super(PrmDealRegistration, self | self.teaming_ids)._win(order)

    def _reopen(self):
        return super(PrmDealRegistration, self | self.teaming_ids)._reopen()

    def _may_reopen(self):
        # Who works with another partner comes back with that one.
        return super(PrmDealRegistration, self.main_registration_id or self)._may_reopen()

    def _close_claim(self):
        res = super()._close_claim()
        self.filtered(lambda deal: deal.state in COOLING_STATES)._leave_team()
        return res

    def _leave_team(self):
        """Who gives up has no share; if it held the protection, the next one takes that over."""
        for deal in self.filtered("main_registration_id"):
            deal.main_registration_id._get_share_of(deal.partner_id).unlink()
        today = fields.Date.context_today(self)
        for deal in self.filtered(lambda deal: deal.date_protected_until and deal.teaming_ids):
            heirs = deal.teaming_ids.filtered(lambda other: other.state == "approved")
            if heirs and deal.date_protected_until >= today:
                heirs.sorted("submit_number")[0]._take_over(deal)

    def _get_share_of(self, partner):
        return self.share_ids.filtered(lambda share: share.partner_id == partner)

    def _take_over(self, former):
        """Hold the protection that another partner of the team has given up, until its end."""
        others = former.teaming_ids - self
        self.main_registration_id = False
        others.main_registration_id = self
        former._get_share_of(self.partner_id).unlink()
        former.share_ids.registration_id = self
        former.protection_ids.active = False
        former.protection_ids.flush_recordset()  # the constraint sees what is in the database
        self.env["prm.deal.protection"]._protect(self)
        self.lead_id.partner_assigned_id = self.partner_id
        self._set_milestone()
        self.env["prm.deal.event"]._log(self, "took_over", {"from": former.name})
        self._send_mail("prm_deal_registration.mail_template_approved")
