from odoo import fields, models


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    prm_certification_ids = fields.One2many(
        "prm.certification",
        "survey_id",
        string="Partner Certifications",
        groups="prm_partner.group_partner_manager",
    )
