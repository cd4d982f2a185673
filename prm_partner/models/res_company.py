from odoo import api, fields, models

from .res_partner import PORTAL_ROLES


class ResCompany(models.Model):
    _inherit = "res.company"

    prm_default_program_id = fields.Many2one(
        "prm.program",
        string="Default Program",
        index="btree_not_null",
        ondelete="set null",
        domain="[('company_id', '=', id)]",
        groups="base.group_user",
    )
    prm_manager_rule = fields.Selection(
        [
            ("user", "Whoever enrolls the partner"),
            ("salesperson", "The salesperson of the partner"),
            ("program", "The manager of the program"),
        ],
        string="Partner Manager of New Members",
        required=True,
        default="user",
        groups="base.group_user",
    )
    prm_invitation_role = fields.Selection(
        PORTAL_ROLES,
        string="Role of Invited Contacts",
        required=True,
        default="sales",
        groups="base.group_user",
    )
    prm_support_partner_id = fields.Many2one(
        "res.partner",
        string="Partner Support",
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="Its name, e-mail and phone are shown in the partner portal.",
    )
    prm_portal_welcome = fields.Html(
        string="Welcome Text",
        translate=True,
        groups="base.group_user",
        help="Stands first in the partner portal.",
    )
    prm_announcement_mail = fields.Boolean(
        string="Send Announcements by Mail", default=True, groups="base.group_user"
    )
    prm_announcement_days = fields.Integer(
        string="Announcements Last (Days)",
        groups="base.group_user",
        help="How long a new announcement is shown if it has no end of its own. 0: for ever.",
    )
    prm_setup_hidden = fields.Boolean(
        string="Setup Checklist Hidden",
        groups="base.group_user",
        help="The checklist of the partner applications is hidden.",
    )

    _prm_announcement_days_check = models.Constraint(
        "CHECK(prm_announcement_days >= 0)", "The days of an announcement cannot be negative."
    )

    @api.model
    def _prm_get_manager(self, program, partner, enroller=None):
        """Who looks after a new member of ``program``, by the rule of the program's company.

        :param enroller: ``res.users`` who enrolls the partner, by default the current user
        """
        rule = program.company_id.prm_manager_rule or self.env.company.prm_manager_rule
        managers = {"salesperson": partner.user_id, "program": program.user_id}
        return managers.get(rule) or enroller or self.env.user
