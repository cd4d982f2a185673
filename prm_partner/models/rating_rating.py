from odoo import fields, models


class RatingRating(models.Model):
    _inherit = "rating.rating"

    # The metric "customer_rating" looks for the ratings about a partner and its people.
    rated_partner_id = fields.Many2one(index="btree_not_null")
