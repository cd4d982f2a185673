from odoo import SUPERUSER_ID, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.exceptions import UserError


class PrmDealRegistration(models.Model):
    """The opportunity of a claim."""

    _inherit = "prm.deal.registration"

    def action_view_lead(self):
        """Open the opportunity."""
        self.ensure_one()
        return self.lead_id.get_formview_action()

    def _check_lead_free(self):
        rival = self.lead_id.registration_id - self
        if rival:
            raise UserError(
                self.env._(
                    "The opportunity “%(lead)s” already belongs to the registration %(deal)s."
                    " Choose another opportunity, or none to create one.",
                    lead=self.lead_id.name,
                    deal=rival.name,
                )
            )

    def _check_lead_open(self):
        if self.lead_id.won_status == "lost":
            raise UserError(
                self.env._(
                    "The opportunity “%s” is lost. Restore it, choose another one, or none to"
                    " create one.",
                    self.lead_id.name,
                )
            )

    def _tie_opportunity(self):
        """The opportunity that staff chose, or a new one, assigned to the partner."""
        lead = self.lead_id
        if not lead:
            # The opportunity is the vendor's: it is made by the system, not by the portal user.
            system = self.with_user(SUPERUSER_ID).with_company(self.company_id)
            leads = system.env["crm.lead"].with_context(mail_create_nosubscribe=True)
            return leads.create(system._prepare_opportunity_vals())
        lead.write({"partner_assigned_id": self.partner_id.id, "type": "opportunity"})
        return lead

    def _prepare_opportunity_vals(self):
        tag = self.env.ref("prm_deal_registration.crm_tag_partner_deal", raise_if_not_found=False)
        owner = self._get_default_approver()
        return {
            "type": "opportunity",
            "name": f"{self.customer_name} ({self.partner_id.name})",
            "company_id": self.company_id.id,
            "user_id": owner.id if self.company_id in owner.company_ids else False,
            "partner_assigned_id": self.partner_id.id,
            "partner_name": self.customer_name,
            "email_from": self.customer_email,
            "phone": self.customer_phone,
            "website": self.customer_website,
            "country_id": self.customer_country_id.id,
            "expected_revenue": self._get_company_amount(),
            "date_deadline": self.date_close,
            "tag_ids": [fields.Command.link(tag.id)] if tag else [],
        }

    def _get_company_amount(self):
        """The amount in the currency of the company."""
        self.ensure_one()
        return self.currency_id._convert(
            self.amount,
            self.company_id.currency_id,
            self.company_id,
            self.date_submitted or fields.Date.context_today(self),
        )

    def _is_about_its_customer(self):
        """Whether the opportunity has one of the keys that are protected, or says nothing."""
        self.ensure_one()
        keys = set(account_keys.protection_keys(self.lead_id._get_account_keys()))
        return not keys or bool(keys & set(self.protection_ids.mapped("account_key")))

    def _tell_customer_changed(self):
        """Note on both records that the opportunity is about somebody else now."""
        self.ensure_one()
        author = self.env.user.partner_id.id
        body = self.env._(
            "The opportunity “%(lead)s” names another customer now. What was registered stays"
            " protected: %(customer)s, for %(partner)s. If the deal has changed, withdraw the"
            " registration; the partner registers the new customer.",
            lead=self.lead_id.name,
            customer=self.customer_name,
            partner=self.partner_id.name,
        )
        self._message_log(body=body, author_id=author)
        self.lead_id._message_log(body=body, author_id=author)
