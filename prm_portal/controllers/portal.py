from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request

from .agreements import TO_SIGN
from .common import PORTAL_GROUP


class PartnerHome(CustomerPortal):
    """Odoo's own portal pages, extended for people of a partner company."""

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        if not values["sales_user"] and request.env.user.has_group(PORTAL_GROUP):
            memberships = request.env.user.partner_id._prm_active_memberships()
            # sudo: name, e-mail and phone of the partner's manager are meant for the partner.
            values["sales_user"] = memberships[:1].sudo().user_id
        return values

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if request.env.user.has_group(PORTAL_GROUP):
            for counter, model in self._get_prm_counters().items():
                records = request.env[model]
                if counter in counters and records.has_access("read"):
                    values[counter] = records.search_count([])
            if "prm_to_sign_count" in counters:
                values["prm_to_sign_count"] = request.env["prm.agreement"].search_count(TO_SIGN)
        return values

    def _get_prm_counters(self):
        return {
            "prm_deal_count": "prm.deal.registration",
            "prm_credential_count": "prm.credential",
            "prm_statement_count": "prm.commission.settlement",
            "prm_agreement_count": "prm.agreement",
            "prm_plan_count": "prm.business.plan",
        }

    def _create_or_update_address(self, partner_sudo, **form_data):
        """Stock Odoo lets any contact rename its company; a partner's name and tax number are the
        vendor's business, since conflicts, statements and bills go by them.

        The check is here: ``verify_address_values`` in the form switches the later ones off.
        """
        locked = self._get_locked_company_fields(partner_sudo, form_data)
        if locked:
            message = request.env._(
                "Name and tax number of your company are managed by us."
                " Ask your partner manager to change them."
            )
            return partner_sudo, {"invalid_fields": locked, "messages": [message]}
        return super()._create_or_update_address(partner_sudo, **form_data)

    def _get_locked_company_fields(self, partner_sudo, form_data):
        """Names of the submitted fields that would change a partner company's identity."""
        # sudo: whether the company is a partner is not for the user to read, but it binds the form.
        company = request.env.user.partner_id.commercial_partner_id.sudo()
        if not company.is_company or not company.is_prm_partner:
            return []
        typed = {
            name: str(form_data.get(name) or "").strip()
            for name in ("company_name", "vat", "name")
        }
        locked = []
        if typed["company_name"] and typed["company_name"] != company.name:
            locked.append("company_name")
        # An empty number on a new address changes nothing.
        new_vat = "vat" in form_data and (typed["vat"] or partner_sudo == company)
        if new_vat and typed["vat"] != (company.vat or ""):
            locked.append("vat")
        if partner_sudo == company and typed["name"] and typed["name"] != company.name:
            locked.append("name")
        return locked
