from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys

STAFF = "base.group_user"
SHOWN = 3  # matches that the notice names; the button lists all


class CrmLead(models.Model):
    """The check in the other direction: a salesperson's lead against what partners registered."""

    _inherit = "crm.lead"

    # Portal partners read the leads assigned to them: every field here is for staff only.
    prm_conflict_notice = fields.Text(
        string="Registered by Partners",
        compute="_compute_prm_conflicts",
        compute_sudo=True,
        groups=STAFF,
    )
    prm_rival_registration_ids = fields.Many2many(
        "prm.deal.registration",
        string="Rival Registrations",
        compute="_compute_prm_conflicts",
        compute_sudo=True,
        groups=STAFF,
    )

    @api.depends(lambda self: [f"key_{key}" for key in account_keys.AccountKeys.__annotations__])
    @api.depends("registration_ids", "partner_assigned_id", "user_id")
    @api.depends_context("lang")
    def _compute_prm_conflicts(self):
        # sudo (compute_sudo): the salesperson must learn of deals of partners it cannot see.
        found = self._find_prm_conflicts()
        for lead in self:
            others = found.get(lead._origin.id or 0, [])
            deals = [other for other, _score in others if other._name == "prm.deal.registration"]
            lead.prm_rival_registration_ids = self.env["prm.deal.registration"].union(*deals)
            lead.prm_conflict_notice = lead._get_prm_conflict_notice(others)

    def _find_prm_conflicts(self):
        """Registrations and reserved accounts of the same customers, the surest first.

        :return: ``{lead id: [(record, score)]}``
        """
        rows = self.env["prm.conflict.search"]._find(self, ("registration", "reservation"))
        models = self.env["prm.deal.conflict"]._get_source_models()
        leads = {lead._origin.id or 0: lead for lead in self}
        found = {}
        for own_id, source, other_id, result in sorted(rows, key=lambda row: -row[3]["score"]):
            other = self.env[models[source]].browse(other_id)
            if result["severity"] != "info" and not leads[own_id]._is_prm_harmless(other):
                found.setdefault(own_id, []).append((other, result["score"]))
        return found

    def _is_prm_harmless(self, other):
        """Its own registration, or one of the partner it is assigned to, or an account of ours."""
        partner = self.partner_assigned_id.commercial_partner_id
        if other.partner_id and other.partner_id == partner:
            return True
        if other._name == "prm.deal.registration":
            return other.lead_id == self._origin and bool(other.lead_id)
        return other.kind == "house" and other.user_id in (self.user_id, self.env["res.users"])

    def _get_prm_conflict_notice(self, others):
        lines = []
        for other, score in others[:SHOWN]:
            if other._name == "prm.deal.registration":
                text = self.env._(
                    "%(partner)s has registered %(customer)s (%(deal)s, %(score)s of 100 points).",
                    partner=other.partner_id.name,
                    customer=other.customer_name,
                    deal=other.name,
                    score=score,
                )
            else:
                text = self.env._(
                    "%(customer)s is reserved for %(owner)s (%(score)s of 100 points).",
                    customer=other.name,
                    owner=other.partner_id.name or other.user_id.name or other.company_id.name,
                    score=score,
                )
            lines.append(text)
        if len(others) > SHOWN:
            lines.append(self.env._("And %s more.", len(others) - SHOWN))
        return "\n".join(lines) or False

    def action_prm_view_rivals(self):
        """List the registrations of the same customer, as far as the user may read them."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_deal_registration.prm_deal_registration_action"
        )
        return {**action, "domain": [("id", "in", self.prm_rival_registration_ids.ids)]}
