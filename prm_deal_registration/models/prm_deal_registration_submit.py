from odoo import SUPERUSER_ID, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.exceptions import UserError, ValidationError


class PrmDealRegistration(models.Model):
    """Handing a claim in: its place in the queue, and the check for conflicts."""

    _inherit = "prm.deal.registration"

    def action_submit(self):
        """Hand in the claim: check for conflicts, then decide by rule.

        Called by staff with write access, or by an administrator or salesperson of the partner.

        :return: True
        :raise AccessError: the user may not submit this registration
        :raise UserError: not a draft, or something is missing
        """
        self._check_partner_action()
        self.sudo()._submit()  # sudo: the right to submit was checked; partners cannot write
        return True

    def _submit(self):
        self._check_state(("draft", "returned"))
        self._check_complete()
        self._lock_accounts()
        sequence = self.env["ir.sequence"]
        for deal in self:
            deal._transition(
                "submitted",
                "submitted",
                {"customer": deal.customer_name, "partner": deal.partner_id.id},
                submit_number=deal.submit_number
                or int(sequence.next_by_code("prm.deal.submission")),
                date_submitted=deal.date_submitted or fields.Datetime.now(),
                date_deadline=deal._get_decision_deadline(),
                decision_note=False,
            )
        self._subscribe_contact()
        # The decision is the system's, whoever submits.
        deals = self.with_user(SUPERUSER_ID)
        deals._check_conflicts()
        for deal in deals:
            deal._decide()

    def _check_complete(self):
        for deal in self:
            reasons = deal._get_block_reasons()
            if reasons:
                raise UserError("\n".join(reasons))
            errors = deal._validate_registration(deal._get_portal_values())
            if errors:
                raise ValidationError(self._format_errors(errors))

    def _get_block_reasons(self):
        """Why the partner may not register deals now, as sentences for staff and the partner."""
        if self.membership_id:
            return self.membership_id._block_reasons("registration")
        return self.partner_id._prm_block_reasons("registration", self.company_id)

    def _lock_accounts(self):
        """Wait for other decisions on the same customers, so that each sees the one before."""
        names = {
            f"{deal.company_id.id}:{key}"
            for deal in self
            for key in account_keys.lock_keys(deal._get_account_keys())
        }
        self.env["prm.account.lock"]._acquire(sorted(names))

    def _check_conflicts(self):
        conflicts = self.env["prm.deal.conflict"]._detect(self)
        facts = {
            deal.id: {
                "conflicts": len(found),
                "severity": deal.conflict_severity or "",
                "keys": sorted({key for conflict in found for key in conflict._get_keys()}),
            }
            for deal in self
            for found in [conflicts.filtered(lambda c, d=deal: c.registration_id == d)]
        }
        self.env["prm.deal.event"]._log(self, "checked", facts)

    def _find_new_conflicts(self):
        """Check again.

        :return: whether there is a grave conflict that was not there at the last check
        """
        known = self.conflict_ids._get_identities()
        self._check_conflicts()
        return bool(self.conflict_ids._get_identities() - known)

    def _get_new_conflict_action(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "A new conflict has come up. Look at the conflicts, then decide again."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
