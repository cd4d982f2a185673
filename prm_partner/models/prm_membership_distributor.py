from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class PrmMembership(models.Model):
    """Two tiers of partners: a distributor supplies resellers, and may see their memberships."""

    _inherit = "prm.membership"

    distributor_access = fields.Boolean(
        string="Distributor Sees This Membership",
        compute="_compute_distributor_access",
        store=True,
        readonly=False,
        precompute=True,
        help="The distributor's people read this membership in the portal: program, tier, status"
        " and dates, but neither results nor messages.",
    )

    @api.depends("program_id")
    def _compute_distributor_access(self):
        for membership in self:
            membership.distributor_access = membership.program_id.distributor_access

    @api.depends("grade_id", "state", "partner_id")
    @api.depends_context("uid")
    def _compute_tier_progress(self):
        """A distributor reads the membership of a reseller, not how it performs."""
        foreign = self.filtered(lambda membership: membership._is_read_by_distributor())
        foreign.next_grade_id = False
        foreign.tier_percent = 0
        foreign.tier_summary = False
        foreign.tier_progress_html = False
        return super(PrmMembership, self - foreign)._compute_tier_progress()

    def _is_read_by_distributor(self):
        user = self.env.user
        return not user._is_internal() and self.partner_id != user.partner_id.commercial_partner_id

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Messages on a membership are between the vendor and the partner."""
        operations = super()._mail_get_operation_for_mail_message_operation(message_operation)
        foreign = self.filtered(lambda membership: membership._is_read_by_distributor())
        return {**operations, **dict.fromkeys(foreign, "write")}

    @api.constrains("distributor_id", "partner_id", "program_id")
    def _check_distributor(self):
        supplied = self.filtered(
            lambda membership: membership.distributor_id and membership.state != "ended"
        )
        for membership in supplied:
            if membership.distributor_id == membership.partner_id:
                raise ValidationError(self.env._("A partner cannot be its own distributor."))
        supplied._check_distributor_is_member()
        supplied._check_no_circle()

    def _check_distributor_is_member(self):
        # sudo: a distributor's membership may be another manager's.
        groups = self.sudo()._read_group(
            [
                ("partner_id", "in", self.distributor_id.ids),
                ("program_id.kind", "=", "distributor"),
                ("state", "!=", "ended"),
            ],
            ["partner_id", "company_id"],
        )
        members = {(partner.id, company.id) for partner, company in groups}
        for membership in self:
            if (membership.distributor_id.id, membership.company_id.id) not in members:
                raise ValidationError(
                    self.env._(
                        "%(distributor)s is no member of a distributor program. Enroll it in one"
                        " first, or choose another distributor.",
                        distributor=membership.distributor_id.name,
                    )
                )

    def _check_no_circle(self):
        """Nobody is supplied, over any number of steps, by a partner that it supplies."""
        # Two sessions, each of which does not see the other, could close a circle together.
        self.env["prm.account.lock"]._acquire(
            [f"distributor:{company.id}" for company in self.company_id]
        )
        self.flush_model(["partner_id", "distributor_id", "state", "company_id"])
        query = SQL(
            """
            WITH RECURSIVE chain(root, company, member) AS (
                SELECT partner_id, company_id, distributor_id FROM prm_membership
                 WHERE id = ANY(%s)
                 UNION
                SELECT chain.root, chain.company, upper.distributor_id
                  FROM chain JOIN prm_membership AS upper
                    ON upper.partner_id = chain.member AND upper.company_id = chain.company
                 WHERE upper.distributor_id IS NOT NULL AND upper.state != 'ended'
            )
            SELECT root FROM chain WHERE root = member LIMIT 1
            """,
            self.ids,
        )
        for (partner_id,) in self.env.execute_query(query):
            raise ValidationError(
                self.env._(
                    "%(partner)s would be supplied by partners that it supplies itself. Choose"
                    " another distributor.",
                    partner=self.env["res.partner"].browse(partner_id).sudo().name,
                )
            )
