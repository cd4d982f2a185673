from odoo import api, models
from odoo.exceptions import ValidationError


class CrmLead(models.Model):
    """What a registration asks of its opportunity, whatever else is done with that.

    ============  ===============================================================================
    merge         the one approved registration goes on with the merged opportunity, and so does
                  its partner; opportunities of two approved ones are not merged
    duplicate     the copy is another deal: without registration, and not assigned to the partner
    archive       hides the opportunity; the protection lasts to its date. Lost ends it at once
    delete        refused
    re-assign     refused: the registration is transferred or withdrawn instead
    customer      may be corrected; what is protected stays, and both sides get a note of it
    ============  ===============================================================================
    """

    _inherit = "crm.lead"

    @api.constrains("partner_assigned_id", "type", "company_id")
    def _check_registration(self):
        # sudo: the deal may be another manager's, and holds for every user all the same.
        for lead in self.sudo().filtered("registration_id"):
            deal = lead.registration_id
            if lead.partner_assigned_id.commercial_partner_id != deal.partner_id:
                raise ValidationError(
                    self.env._(
                        "“%(lead)s” is the registered deal %(deal)s of %(partner)s. Withdraw the"
                        " registration or transfer it to the other partner; the opportunity"
                        " follows it.",
                        lead=lead.name,
                        deal=deal.name,
                        partner=deal.partner_id.name,
                    )
                )
            if lead.type != "opportunity" or lead.company_id not in (
                self.env["res.company"],
                deal.company_id,
            ):
                raise ValidationError(
                    self.env._(
                        "“%(lead)s” is the registered deal %(deal)s, so it stays an opportunity of"
                        " the company %(company)s.",
                        lead=lead.name,
                        deal=deal.name,
                        company=deal.company_id.name,
                    )
                )

    def write(self, vals):
        # sudo: as above.
        deals = self.sudo().registration_id if vals.keys() & self._get_customer_fields() else ()
        known = [deal for deal in deals if deal._is_about_its_customer()]
        res = super().write(vals)
        for deal in known:
            if not deal._is_about_its_customer():
                deal._tell_customer_changed()
        return res

    def _leave_partner(self):
        """A claim has ended: the opportunity stays ours, the partner has no part in it any more.

        Unless another partner of its team holds it now.
        """
        self.filtered(lambda lead: not lead.registration_id).partner_assigned_id = False

    @api.model
    def _get_customer_fields(self):
        """Names of the fields that say who the customer is."""
        return {name.partition(".")[0] for name in self._get_account_key_depends()}

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        # sudo: as above.
        for lead, vals in zip(self.sudo(), vals_list, strict=True):
            if lead.registration_id and "partner_assigned_id" not in (default or {}):
                vals["partner_assigned_id"] = False
                vals.pop("date_partner_assign", None)
        return vals_list

    def _merge_opportunity(self, *args, **kwargs):
        # sudo: whoever may merge opportunities moves their registrations, also of other managers.
        self.sudo().registration_ids._lock_accounts()
        return super()._merge_opportunity(*args, **kwargs)

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "partner_assigned_id": lambda _name, leads: leads._get_merged_partner().id,
        }

    def _get_merged_partner(self):
        """The partner of the registered one, else the first one that is assigned."""
        # sudo: as above.
        registered = self.sudo().filtered("registration_id")
        return (registered or self).partner_assigned_id[:1]
