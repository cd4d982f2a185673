from odoo import api, fields, models


class PrmAccountReservation(models.Model):
    """An account that is not free for registration: a named account or a house account."""

    _name = "prm.account.reservation"
    _description = "Reserved Account"
    _inherit = ["prm.account.keys", "mail.thread"]
    _order = "name, id"

    name = fields.Char(string="Account", required=True, tracking=True)
    kind = fields.Selection(
        [("house", "House Account"), ("named", "Named Account")],
        required=True,
        default="house",
        tracking=True,
        help="A house account is served by our own sales, a named account by one partner.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Reserved For",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain=[("is_prm_partner", "=", True)],
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: all products.",
    )
    date_start = fields.Date(string="From", tracking=True)
    date_end = fields.Date(string="Until", tracking=True)
    active = fields.Boolean(default=True)
    website = fields.Char()
    email = fields.Char(string="E-mail")
    phone = fields.Char()
    vat = fields.Char(string="VAT Number")
    street = fields.Char()
    zip = fields.Char(string="Postcode")
    country_id = fields.Many2one("res.country", index="btree_not_null")
    note = fields.Text()

    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A reservation must end after it starts.",
    )
    _partner_check = models.Constraint(
        "CHECK(kind != 'named' OR partner_id IS NOT NULL)",
        "Say for which partner the named account is reserved.",
    )

    @api.model
    def _get_account_key_depends(self):
        return ["name", "vat", "website", "email", "phone", "country_id", "zip", "street"]

    def _get_account_data(self):
        return {
            "name": self.name,
            "vat": self.vat,
            "website": self.website,
            "email": self.email,
            "phone": self.phone,
            "country": self.country_id.code,
            "zip": self.zip,
            "street": self.street,
        }
