from odoo import fields, models
from odoo.tools import SQL


class PrmPartnerRevenue(models.Model):
    """Posted invoices and credit notes of partners, with the membership that they belong to.

    Partner managers need no access to accounting for the revenue of their own partners.
    """

    _name = "prm.partner.revenue"
    _description = "Partner Revenue"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "number"
    _depends = {
        "account.move": [
            "name",
            "invoice_date",
            "commercial_partner_id",
            "company_id",
            "amount_untaxed_signed",
            "move_type",
            "state",
        ],
        "prm.membership": [
            "partner_id",
            "company_id",
            "program_id",
            "grade_id",
            "user_id",
            "state",
            "is_primary",
        ],
        "res.partner": ["country_id"],
    }

    number = fields.Char(readonly=True)
    date = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    membership_id = fields.Many2one("prm.membership", readonly=True)
    program_id = fields.Many2one("prm.program", readonly=True)
    grade_id = fields.Many2one("res.partner.grade", string="Tier", readonly=True)
    user_id = fields.Many2one("res.users", string="Partner Manager", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(string="Net Revenue", readonly=True)

    @property
    def _table_query(self):
        """One row per invoice; a partner in several programs counts once, in its main one."""
        return SQL(
            """SELECT move.id, move.name AS number, move.invoice_date AS date,
                      membership.partner_id, partner.country_id, membership.id AS membership_id,
                      membership.program_id, membership.grade_id, membership.user_id,
                      move.company_id, move.amount_untaxed_signed AS amount
                 FROM account_move move
                 JOIN LATERAL (
                      SELECT * FROM prm_membership
                       WHERE partner_id = move.commercial_partner_id
                         AND company_id = move.company_id
                       ORDER BY state = 'ended', NOT is_primary, id
                       LIMIT 1
                 ) membership ON TRUE
                 JOIN res_partner partner ON partner.id = membership.partner_id
                WHERE move.move_type IN ('out_invoice', 'out_refund') AND move.state = 'posted'"""
        )
