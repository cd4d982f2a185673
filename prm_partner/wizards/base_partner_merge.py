from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import append_only

# One row per partner and the rest of a key: of two partners that become one, one row is left.
ONE_A_DAY = {
    "prm_metric_value": ("metric_id", "company_id", "date"),
    "prm_portal_visit": ("date",),
}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that are members become one, with the memberships and the history of both."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Refuse what would be two memberships in one program; move the rest.

        :raise UserError: names the programs
        """
        self._prm_check_merge(src_partners | dst_partner)
        self._prm_leave_one_primary(src_partners, dst_partner)
        for table, key in ONE_A_DAY.items():
            self._prm_leave_one_row(table, key, src_partners, dst_partner)
        self.env.flush_all()
        with append_only.merging(self.env.cr, "partner_id"):
            res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        self._prm_settle(src_partners, dst_partner)
        return res

    def _prm_get_open(self, partners):
        # sudo: memberships that the user does not see are moved as well.
        return self.env["prm.membership"].sudo().search(
            [("partner_id", "in", partners.ids), ("state", "!=", "ended")]
        )

    def _prm_check_merge(self, partners):
        groups = self._prm_get_open(partners).grouped("program_id")
        twice = {program: members for program, members in groups.items() if len(members) > 1}
        if twice:
            members = next(iter(twice.values()))
            raise UserError(
                self.env._(
                    "%(partners)s are members of the same program: %(programs)s. End one of the"
                    " memberships in each program first, then merge the contacts.",
                    partners=", ".join(members.partner_id.mapped("name")),
                    programs=", ".join(f"“{program.name}”" for program in twice),
                )
            )

    def _prm_leave_one_primary(self, src_partners, dst_partner):
        """The primary membership of the contact that is left, or else the first one, stays so."""
        primaries = self._prm_get_open(src_partners | dst_partner).filtered("is_primary")
        ordered = primaries.sorted(lambda one: (one.partner_id != dst_partner, one.id))
        ordered[1:].is_primary = False

    def _prm_leave_one_row(self, table, key, src_partners, dst_partner):
        same = SQL(" AND ").join(
            SQL("other.%(name)s = own.%(name)s", name=SQL.identifier(name)) for name in key
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM %(table)s AS own USING %(table)s AS other
                 WHERE own.partner_id = ANY(%(sources)s)
                   AND (other.partner_id = %(target)s
                        OR other.partner_id = ANY(%(sources)s)
                       AND other.partner_id < own.partner_id)
                   AND %(same)s
                """,
                table=SQL.identifier(table),
                sources=src_partners.ids,
                target=dst_partner.id,
                same=same,
            )
        )

    def _prm_settle(self, src_partners, dst_partner):
        """The level comes from the membership that is primary now; nobody supplies itself."""
        memberships = self._prm_get_open(dst_partner)
        if not memberships:
            return
        # sudo: as when a membership changes; Odoo would write the level of the others to this one.
        sources = src_partners.sudo().with_context(prm_grade_sync=True)
        sources._prm_leave_pricelist()
        sources.grade_id = False
        dst_partner._prm_sync_grade()
        supplied = memberships.search([("distributor_id", "=", dst_partner.id)])
        (memberships | supplied)._check_distributor()
