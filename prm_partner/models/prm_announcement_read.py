from odoo import fields, models


class PrmAnnouncementRead(models.Model):
    """Who has read an announcement in the portal."""

    _name = "prm.announcement.read"
    _description = "Reader of an Announcement"
    _order = "date desc, id desc"
    _rec_name = "user_id"
    _log_access = False

    announcement_id = fields.Many2one(
        "prm.announcement", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="announcement_id.company_id")
    user_id = fields.Many2one(
        "res.users",
        string="Reader",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    partner_id = fields.Many2one(
        related="user_id.partner_id.commercial_partner_id", string="Partner"
    )
    date = fields.Datetime(required=True, readonly=True)

    _user_uniq = models.Constraint(
        "UNIQUE(announcement_id, user_id)", "A person reads an announcement once."
    )
