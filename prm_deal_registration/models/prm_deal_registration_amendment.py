from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from .prm_deal_registration import STAFF

AMENDABLE = ("amount", "date_close", "category_id")


class PrmDealRegistration(models.Model):
    """Another amount, date or scope of an approved deal, whose protection goes on."""

    _inherit = "prm.deal.registration"

    amount_approved = fields.Monetary(
        string="Approved Amount",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="The amount that somebody, or a rule, decided on; amendments are measured by it.",
    )

    def action_amend(self, vals, reason=False):
        """Change amount, date or product category of an approved deal.

        A small change is made at once. Another category, or an amount that differs from the
        approved one by more than the policy lets pass, waits for a decision.

        :param dict vals: new values of ``amount``, ``date_close`` and ``category_id``, typed or as
            text; what is left out stays as it is
        :param str reason: why
        :return: True if the deal is changed, False if it waits
        :raise UserError: not approved, or nothing would change
        :raise ValidationError: a value is missing or wrong
        """
        self.ensure_one()
        self._check_partner_action()
        self._check_state(("approved",))
        changes = self._get_amendment(vals)
        reason = reason and self._check_reason(reason)
        deal = self.sudo()  # sudo: right, state and values were checked; partners cannot write
        request = deal.request_ids._open(deal, "amendment", reason, **changes)
        if deal._needs_decision(changes):
            request._log("asked")
            deal._schedule_request(request)
            return False
        deal._amend(request)
        request._answer("granted", False)
        request._log("granted")
        return True

    def write(self, vals):
        if not self.env.su and set(AMENDABLE) & vals.keys():
            self._refuse_unamended()
        return super().write(vals)

    def _refuse_unamended(self):
        approved = self.filtered(lambda deal: deal.state == "approved")
        if approved:
            raise UserError(
                self.env._(
                    "%(deal)s is approved: change amount, date and category by “Amend”, so that"
                    " the change is logged and decided on where necessary.",
                    deal=approved[0].name,
                )
            )

    def _get_amendment(self, vals):
        """The values that differ from the deal's, checked and ready to write."""
        self._check_portal_vals(vals)
        known = {name: vals[name] for name in AMENDABLE if name in vals}
        errors = {name: self._get_field_error(name, raw) for name, raw in known.items()}
        errors = {name: message for name, message in errors.items() if message}
        if errors:
            raise ValidationError(self._format_errors(errors))
        deal = self.sudo()  # sudo: compared only
        present = deal._convert_to_write({name: deal[name] for name in known})
        parsed = {name: self._parse_value(name, raw) for name, raw in known.items()}
        changes = {
            name: value
            for name, value in parsed.items()
            if (
                deal.currency_id.compare_amounts(value, deal.amount)
                if name == "amount"
                else value != present[name]
            )
        }
        if not changes:
            raise UserError(self.env._("Nothing is different from what is approved."))
        return changes

    def _needs_decision(self, changes):
        if "category_id" in changes:
            return True
        if "amount" not in changes:
            return False
        limit = self.amount_approved * self.policy_id.amendment_percent / 100
        difference = abs(changes["amount"] - self.amount_approved)
        return self.currency_id.compare_amounts(difference, limit) > 0

    def _apply_amendment(self, request):
        """Make a change that was decided on; later ones are measured by it."""
        self._amend(request)
        self.amount_approved = self.amount

    def _amend(self, request):
        """Change the deal, its protection and its opportunity together."""
        changed = [name for name in AMENDABLE if request._differs(name)]
        if "category_id" in changed:
            self._change_scope(request.category_id)
        revenue = self._get_company_amount()
        self.write({name: request[name] for name in changed if name != "category_id"})
        if not self.main_registration_id:
            self._amend_opportunity(request, changed, revenue)

    def _change_scope(self, category):
        self._lock_accounts()
        self.category_id = category
        rivals = self._get_rival_protections(self.date_protected_from, self.date_protected_until)
        if rivals:
            raise UserError(rivals._get_message())
        self.protection_ids.category_id = category

    def _amend_opportunity(self, request, changed, revenue):
        """The opportunity follows, as far as our own people have not estimated it otherwise."""
        lead = self.lead_id
        same = lead.company_currency.compare_amounts(lead.expected_revenue, revenue) == 0
        if "amount" in changed and same:
            lead.expected_revenue = self._get_company_amount()
        if "date_close" in changed and lead.date_deadline == request.old_date_close:
            lead.date_deadline = self.date_close

    def _begin_protection(self):
        self.amount_approved = self.amount
        return super()._begin_protection()
