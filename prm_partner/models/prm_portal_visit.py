from odoo import api, fields, models
from odoo.tools import SQL


class PrmPortalVisit(models.Model):
    """Days on which people of partners logged in; Odoo's own log keeps the last log-in only."""

    _name = "prm.portal.visit"
    _description = "Portal Visit"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, readonly=True, ondelete="cascade"
    )
    company_partner_id = fields.Many2one(
        "res.partner",
        string="Partner",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The company of the person on that day.",
    )
    date = fields.Date(required=True, readonly=True)

    _day_uniq = models.UniqueIndex("(partner_id, date)")
    _company_idx = models.Index("(company_partner_id, date)")

    @api.model
    def _log(self, user):
        """Note that a portal user logs in today; once a day is enough."""
        user.partner_id.flush_recordset(["commercial_partner_id"])
        self.env.cr.execute(
            SQL(
                """INSERT INTO prm_portal_visit (partner_id, company_partner_id, date)
                   SELECT id, commercial_partner_id, %s FROM res_partner WHERE id = %s
                   ON CONFLICT (partner_id, date) DO NOTHING""",
                fields.Date.today(),
                user.partner_id.id,
            )
        )
