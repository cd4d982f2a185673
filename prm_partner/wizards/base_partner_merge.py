from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """What was signed, earned and reviewed stays with its partner: others are merged into it."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _get_ordered_partner(self, partner_ids):
        # The last one stays.
        ordered = super()._get_ordered_partner(partner_ids)
        fixed = self._get_fixed_partners(ordered)
        return ordered.sorted(lambda partner: partner in fixed)

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        fixed = self._get_fixed_partners(partners)
        if len(fixed) > 1:
            raise UserError(
                self.env._(
                    "%(partners)s are or were members of programs, or have signed agreements. That"
                    " stays with each of them, so they cannot be merged. End the membership of one,"
                    " and archive that contact instead.",
                    partners=", ".join(fixed.mapped("display_name")),
                )
            )
        if fixed and dst_partner and dst_partner in partners - fixed:
            raise UserError(
                self.env._(
                    "%(partner)s is or was a member of a program, or has signed agreements, and"
                    " that stays with it. Choose it as the destination contact.",
                    partner=fixed.display_name,
                )
            )
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)

    @api.model
    def _get_fixed_partners(self, partners):
        """The partners with memberships, or with facts in tables that never change."""
        if not partners:
            return partners
        found = [
            SQL(
                "SELECT %s FROM %s WHERE %s IN %s",
                SQL.identifier(column),
                SQL.identifier(table),
                SQL.identifier(column),
                partners._ids,
            )
            for table, column in self._get_fk_on(partners._table)
            if table in self._get_fixed_tables()
        ]
        return partners.browse(
            {partner_id for [partner_id] in self.env.execute_query(SQL(" UNION ").join(found))}
        )

    @api.model
    def _get_fixed_tables(self):
        self.env.cr.execute(
            SQL(
                "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgname = relname || '_append_only'"
            )
        )
        return {"prm_membership", *(table for [table] in self.env.cr.fetchall())}
