from odoo import fields, models

from ..models.res_partner import PORTAL_ROLES


class PrmEnrollContact(models.TransientModel):
    _name = "prm.enroll.contact"
    _description = "Contact to Invite"

    enroll_id = fields.Many2one("prm.enroll", required=True, index=True, ondelete="cascade")
    company_partner_id = fields.Many2one(related="enroll_id.partner_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        domain="[('parent_id', '=', company_partner_id)]",
    )
    email = fields.Char(related="partner_id.email")
    role = fields.Selection(
        PORTAL_ROLES, required=True, default=lambda self: self.env.company.prm_invitation_role
    )
