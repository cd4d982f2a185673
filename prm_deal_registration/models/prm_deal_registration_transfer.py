from odoo import fields, models
from odoo.exceptions import UserError


class PrmDealRegistration(models.Model):
    """An approved deal goes on with another partner."""

    _inherit = "prm.deal.registration"

    def action_transfer(self, partner_id, reason):
        """Give an approved deal, its protection and its opportunity to another partner.

        The new partner reads the deal from now on, but nothing that the former one wrote.

        :param int partner_id: id of the new partner
        :param str reason: why; staff read it in the log, the partners are not told
        :return: True
        :raise UserError: not approved, or the new partner cannot have it
        """
        self.ensure_one()
        self._check_decision(("approved",))
        reason = self._check_reason(reason)
        partner = self.env["res.partner"].browse(partner_id).exists()
        deal = self.sudo()  # sudo: the right to decide was checked
        membership = deal._get_membership_for_transfer(partner.sudo())  # sudo: as above
        deal._transfer(membership, reason)
        return True

    def _get_membership_for_transfer(self, partner):
        """The membership by which another partner takes the deal, of the same program if it can."""
        if not partner or partner == self.partner_id:
            raise UserError(self.env._("Choose the partner that the deal goes to."))
        if partner.id in self._get_shares() or self.main_registration_id:
            raise UserError(
                self.env._("A deal goes to a partner who has no share of it yet, and from the"
                           " partner who holds the protection. Change the shares first.")
            )  # fmt: skip
        memberships = partner._prm_active_memberships().filtered(
            lambda membership: membership.company_id == self.company_id
        )
        for membership in memberships.sorted(lambda one: one.program_id != self.program_id):
            if not membership._block_reasons("registration"):
                return membership
        raise UserError("\n".join(partner._prm_block_reasons("registration", self.company_id)))

    def _transfer(self, membership, reason):
        former, partner = self.partner_id, membership.partner_id
        self._lock_accounts()
        self.env["prm.account.lock"]._acquire([f"open_deals:{membership.id}"])
        self._get_open_requests()._answer("cancelled", False)
        self._send_mail("prm_deal_registration.mail_template_transferred_away")
        self._hide_from_next_partner()
        self.write(
            {
                "partner_id": partner.id,
                "membership_id": membership.id,
                "contact_id": False,
                "decision_note": False,
            }
        )
        # Another deal of the former partner may protect the same customer as well.
        start, end = fields.Date.context_today(self), self.date_protected_until
        rivals = self._get_rival_protections(start, end) - self.protection_ids
        if rivals:
            raise UserError(rivals._get_message())
        self.protection_ids.partner_id = partner
        if self.lead_id.partner_assigned_id.commercial_partner_id == former:
            self.lead_id.partner_assigned_id = partner
        facts = {"from": former.display_name, "to": partner.display_name, "reason": reason}
        self.env["prm.deal.event"]._log(self, "transferred", facts)
        self._send_mail("prm_deal_registration.mail_template_transferred")

    def _hide_from_next_partner(self):
        """What the former partner and we wrote to each other stays between us."""
        if self.description:
            note = self.env._("Notes of %(partner)s: %(notes)s",
                              partner=self.partner_id.name, notes=self.description)  # fmt: skip
            self._message_log(body=note)
        self.write({"description": False, "milestone_note": False})
        self.message_unsubscribe(self.message_partner_ids.filtered("partner_share").ids)
        self.message_ids.is_internal = True
