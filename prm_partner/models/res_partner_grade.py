from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartnerGrade(models.Model):
    _inherit = "res.partner.grade"

    program_id = fields.Many2one(
        "prm.program",
        index="btree_not_null",
        ondelete="restrict",
        help="The partner program that this tier belongs to.",
    )
    requirement_ids = fields.One2many("prm.tier.requirement", "grade_id", string="Requirements")

    @api.constrains("program_id", "company_id")
    def _check_program_company(self):
        for grade in self.filtered("program_id"):
            if grade.company_id and grade.company_id != grade.program_id.company_id:
                raise ValidationError(
                    self.env._(
                        "The tier “%(tier)s” and its program belong to different companies.",
                        tier=grade.name,
                    )
                )

    @api.depends("name", "program_id.name")
    @api.depends_context("prm_tier_with_program")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        if self.env.context.get("prm_tier_with_program"):
            for grade in self.filtered("program_id"):
                grade.display_name = f"{grade.program_id.name}: {grade.name}"

    def _prm_next(self):
        """The tier above this one in the same program, empty for the highest."""
        self.ensure_one()
        return self.program_id._prm_tiers().filtered(
            lambda grade: (grade.sequence, grade.id) > (self.sequence, self.id)
        )[:1]
