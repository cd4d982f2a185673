from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.groups import STAFF, STAFF_AND_FINANCE

PRIMARY_DOMAIN = [("is_primary", "=", True), ("state", "!=", "ended")]
# Fields of the partner → of its primary membership. They are not stored on the partner: companies
# share it, and each member of staff finds there what the membership's record rules let them see.
PRIMARY_FIELDS = {
    "prm_program_id": "program_id",
    "prm_state": "state",
    "prm_manager_id": "user_id",
    "prm_member_since": "date_start",
}


def _search_primary(field):
    return lambda partners, operator, value: partners._prm_search_primary(field, operator, value)


class ResPartner(models.Model):
    _inherit = "res.partner"

    grade_id = fields.Many2one(index="btree_not_null", group_expand="_read_group_grade_id")
    prm_primary_membership_id = fields.Many2one(search=_search_primary("prm_primary_membership_id"))
    prm_program_id = fields.Many2one(
        "prm.program",
        string="Program",
        compute="_compute_prm_primary",
        search=_search_primary("prm_program_id"),
        groups=STAFF_AND_FINANCE,
        help="Program of the primary membership.",
    )
    prm_state = fields.Selection(
        selection="_selection_prm_state",
        string="Membership Status",
        compute="_compute_prm_primary",
        search=_search_primary("prm_state"),
        groups=STAFF_AND_FINANCE,
    )
    prm_manager_id = fields.Many2one(
        "res.users",
        string="Partner Manager",
        compute="_compute_prm_primary",
        search=_search_primary("prm_manager_id"),
        groups=STAFF_AND_FINANCE,
    )
    prm_member_since = fields.Date(
        string="Member Since",
        compute="_compute_prm_primary",
        search=_search_primary("prm_member_since"),
        groups=STAFF_AND_FINANCE,
    )
    prm_announcement_optout = fields.Boolean(
        string="No Announcements by Mail",
        groups="base.group_user",
        help="The contact reads announcements in the portal only.",
    )
    prm_portal_user_count = fields.Integer(
        string="Portal Users", compute="_compute_prm_portal_user_count", groups=STAFF
    )

    @api.model
    def _selection_prm_state(self):
        """The statuses of a membership, in the language of the user."""
        return self.env["prm.membership"]._fields["state"]._description_selection(self.env)

    @api.depends(
        "prm_membership_ids.is_primary",
        *(f"prm_membership_ids.{name}" for name in PRIMARY_FIELDS.values()),
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_prm_primary(self):
        for partner in self:
            membership = partner.prm_primary_membership_id
            for name, source in PRIMARY_FIELDS.items():
                partner[name] = membership[source]

    def _compute_prm_portal_user_count(self):
        domain = [
            ("partner_id.commercial_partner_id", "in", self.ids),
            ("share", "=", True),
            ("all_group_ids", "in", self.env.ref("prm_partner.group_partner_portal").ids),
        ]
        # sudo: only the number of portal users of a partner is shown.
        groups = self.env["res.users"].sudo()._read_group(domain, ["partner_id"], ["__count"])
        counts = {}
        for contact, count in groups:
            company = contact.commercial_partner_id.id
            counts[company] = counts.get(company, 0) + count
        for partner in self:
            partner.prm_portal_user_count = counts.get(partner.id, 0)

    @api.model
    def _prm_search_primary(self, field, operator, value):
        """Domain for one of the partner's fields that come from its primary membership."""
        # Odoo does not look at the groups of a field that has a search method.
        self._check_field_access(self._fields[field], "read")
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        name = PRIMARY_FIELDS.get(field, "id")
        Membership = self.env["prm.membership"]
        if operator != "in":
            found = Membership._search(Domain(PRIMARY_DOMAIN) & Domain(name, operator, value))
            return Domain("id", "in", found.subselect("partner_id"))
        wanted = [item for item in value if item]
        found = Membership._search(Domain(PRIMARY_DOMAIN) & Domain(name, "in", wanted))
        domain = Domain("id", "in", found.subselect("partner_id"))
        if len(wanted) == len(value):
            return domain
        filled = Membership._search(Domain(PRIMARY_DOMAIN) & Domain(name, "!=", False))
        return domain | Domain("id", "not in", filled.subselect("partner_id"))

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in PRIMARY_FIELDS or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        membership = self._prm_join_primary(alias, query)
        return self.env["prm.membership"]._field_to_sql(
            membership, PRIMARY_FIELDS[field_expr], query
        )

    def _prm_join_primary(self, alias, query):
        """Join the primary memberships that the user may read to the partners of ``query``.

        :return: alias of the memberships
        """
        joined = query.make_alias(alias, "prm_primary")
        memberships = self.env["prm.membership"]._search(PRIMARY_DOMAIN)
        query.add_join(
            "LEFT JOIN",
            joined,
            memberships.subselect(SQL("%s.*", SQL.identifier(memberships.table))),
            SQL("%s = %s", SQL.identifier(joined, "partner_id"), SQL.identifier(alias, "id")),
        )
        return joined

    @api.model
    def _read_group_grade_id(self, grades, domain):
        """Columns of the kanban: in the screen of the partners only tiers of programs."""
        if not self.env.context.get("prm_tier_with_program"):
            return self._read_group_expand_full(grades, domain)
        return grades.search([("program_id", "!=", False)], order="program_id, sequence, id")

    def action_prm_timeline(self):
        """Open what has happened with this partner, in one order."""
        return self._prm_open("prm_partner.prm_partner_timeline_action", "partner_id", "=")

    def action_prm_revenue(self):
        """Open the chart of what the partner bought, month by month."""
        return self._prm_open(
            "prm_partner.prm_partner_revenue_action", "partner_id", "="
        )

    def action_prm_pipeline(self):
        """Open the chart of the open opportunities with the partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.crm_lead_action_partner"
        )
        domain = self._prm_get_pipeline_domain() & Domain(
            [("type", "=", "opportunity"), ("won_status", "=", "pending")]
        )
        return {**action, "domain": list(domain)}

    def action_prm_portal_users(self):
        """Open the people of this partner."""
        return self._prm_open("prm_partner.res_partner_action_people", "parent_id", "child_of")

    def _prm_get_pipeline_domain(self):
        """Domain of the leads that are the partner's business; add-ons add theirs."""
        return Domain("partner_id", "child_of", self.commercial_partner_id.id)

    def _prm_open(self, xmlid, field, operator):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {**action, "domain": [(field, operator, self.commercial_partner_id.id)]}
