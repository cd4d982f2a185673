from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context

ROLES = ("prm_partner.group_partner_admin", "prm_partner.group_partner_sales")


class PrmDealRegistration(models.Model):
    """What partners do themselves, from the portal or by API."""

    _inherit = "prm.deal.registration"

    @api.model
    def prm_register(self, vals):
        """Register a deal for the company of the calling portal user, and submit it.

        :param dict vals: values of the fields in ``_get_portal_fields``; others are ignored
        :return: ``{"id": …, "name": …, "state": …}``
        :raise AccessError: the user is no administrator or salesperson of a partner
        :raise UserError: the reasons why the partner may not register deals
        :raise ValidationError: a value is missing or wrong
        """
        self._check_portal_role()
        self._check_portal_vals(vals)
        errors = self._validate_registration(vals)
        if errors:
            raise ValidationError(self._format_errors(errors))
        deals = self.with_context(clean_context(self.env.context))  # no values by the back door
        values = self._prepare_portal_vals(vals)
        # sudo: role and values were checked; partners have no right to create records.
        # Whoever comes second shall find that out before the work is done, which is then repeated.
        deals.sudo().new(values)._lock_accounts()
        deal = deals.sudo().create(values)
        deal._submit()
        return {"id": deal.id, "name": deal.name, "state": deal.state}

    def prm_update(self, vals):
        """Correct a draft or a returned registration of the own company.

        :param dict vals: values of the fields in ``_get_portal_fields``; others are ignored
        :raise AccessError: not the user's company, or not the role for it
        :raise UserError: the registration is being decided or decided
        :raise ValidationError: a value is missing or wrong
        """
        self.ensure_one()
        self._check_partner_action()
        self._check_state(("draft", "returned"))
        self._check_portal_vals(vals)
        known = {name: vals[name] for name in self._get_portal_fields() if name in vals}
        deal = self.sudo()  # sudo: right, state and values are checked; partners cannot write
        errors = self._validate_registration({**deal._get_portal_values(), **known})
        if errors:
            raise ValidationError(self._format_errors(errors))
        deal.write({name: self._parse_value(name, value) for name, value in known.items()})

    @api.model
    def _check_portal_vals(self, vals):
        if not isinstance(vals, dict):
            raise ValidationError(self.env._("Send a value for each field, by its name."))

    def _get_portal_currency(self):
        """The currency of these deals, or of those that the user's company registers."""
        # sudo: only the currency is read, of programs that the partner is a member of.
        programs = self.env.user.partner_id._prm_active_memberships().sudo().program_id
        currency = self.sudo().currency_id or programs.currency_id  # sudo: as above
        return currency[:1] or self.env.company.currency_id

    @api.model
    def _prepare_portal_vals(self, vals):
        membership = self._get_portal_membership()
        contact = self.env.user.partner_id
        return {
            **{name: self._parse_value(name, vals.get(name)) for name in self._get_portal_fields()},
            "partner_id": contact.commercial_partner_id.id,
            "contact_id": contact.id,
            "membership_id": membership.id,
            "company_id": membership.company_id.id,
        }

    @api.model
    def _get_portal_membership(self):
        """The membership by which the portal user's company registers.

        :raise UserError: there is none, with the reasons
        """
        partner = self.env.user.partner_id
        membership = partner._prm_memberships_open_to("registration")[:1]
        if not membership:
            raise UserError("\n".join(partner._prm_block_reasons("registration")))
        return membership

    @api.model
    def _get_portal_categories(self):
        """The product categories of deals; their names and ids may be shown to partners.

        Those that the programs name, or all if they name none.
        """
        # sudo: partners have no access to products, but choose from the names of the categories.
        programs = self.env.user.partner_id._prm_active_memberships().sudo().program_id
        return programs.registration_category_ids or self.env["product.category"].sudo().search(
            fields.Domain.TRUE
        )

    @api.model
    def _check_portal_role(self):
        user = self.env.user
        if not any(user.has_group(role) for role in ROLES):
            raise AccessError(
                self.env._(
                    "Only administrators and salespeople of a partner can register deals."
                    " Ask your company's administrator for the role."
                )
            )

    def _check_partner_action(self):
        """The user is staff with write access, or may act for the partner of these deals."""
        if self.env.su:
            return
        self.check_access("read")
        if self.env.user._is_internal():
            self.check_access("write")
            return
        self._check_portal_role()
        if self.partner_id != self.env.user.partner_id.commercial_partner_id:
            raise AccessError(self.env._("This registration belongs to another company."))
