from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import validity


class PrmCertification(models.Model):
    _name = "prm.certification"
    _description = "Partner Certification"
    _inherit = ["prm.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(help="Short code for lists and references.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    level = fields.Selection(
        [
            ("foundation", "Foundation"),
            ("professional", "Professional"),
            ("expert", "Expert"),
        ],
        required=True,
        default="foundation",
    )
    description = fields.Html(translate=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Leave empty for all companies."
    )
    survey_id = fields.Many2one(
        "survey.survey",
        string="Exam",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("certification", "=", True)],
        tracking=True,
        help="Who passes this exam gets the credential. Empty: it is issued by hand only.",
    )
    channel_id = fields.Many2one(
        "slide.channel",
        string="Course",
        index="btree_not_null",
        ondelete="set null",
        help="The course that prepares for the exam.",
    )
    validity_months = fields.Integer(
        string="Validity (months)", default=24, tracking=True, help="0: valid for ever."
    )
    renewal_days = fields.Integer(
        string="Renewal Window (days)",
        default=60,
        tracking=True,
        help="So long before its end a credential is shown as expiring. Who renews it in this"
        " time loses none of the old validity.",
    )
    exam_url = fields.Char(string="Exam Link", compute="_compute_exam_url", compute_sudo=True)
    credential_ids = fields.One2many("prm.credential", "certification_id", string="Credentials")
    certified_count = fields.Integer(
        string="Certified People",
        compute="_compute_certified_count",
        groups="prm_partner.group_partner_manager",
    )

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "Another certification already has this code."
    )
    _validity_check = models.Constraint(
        f"CHECK(validity_months BETWEEN 0 AND {validity.MAX_MONTHS})",
        f"The validity must be between 0 (for ever) and {validity.MAX_MONTHS} months.",
    )
    _renewal_check = models.Constraint(
        f"CHECK(renewal_days BETWEEN 0 AND {validity.MAX_RENEWAL_DAYS})",
        f"The renewal window must be between 0 and {validity.MAX_RENEWAL_DAYS} days.",
    )

    @api.depends("survey_id.access_token", "survey_id.access_mode", "survey_id.active")
    def _compute_exam_url(self):
        """Where a person takes the exam; empty if it is by invitation only."""
        for certification in self:
            survey = certification.survey_id
            is_open = survey.active and survey.access_mode == "public"
            certification.exam_url = survey.get_start_url() if is_open else False

    @api.depends("credential_ids.state")
    def _compute_certified_count(self):
        groups = self.env["prm.credential"]._read_group(
            [("certification_id", "in", self.ids), ("state", "in", ("valid", "expiring"))],
            ["certification_id"],
            ["partner_id:count_distinct"],
        )
        counts = {certification.id: count for certification, count in groups}
        for certification in self:
            certification.certified_count = counts.get(certification.id, 0)

    @api.constrains("survey_id")
    def _check_survey_is_exam(self):
        for certification in self:
            # sudo: whoever may set the exam need not be a survey user; only one flag is read.
            survey = certification.survey_id.sudo()
            if survey and not survey.certification:
                raise ValidationError(
                    self.env._(
                        "“%(survey)s” is not a certification, so nobody can pass it. Give the"
                        " survey a scoring and mark it as a certification, or choose another exam.",
                        survey=survey.title,
                    )
                )

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", certification.name), "code": False}
            for certification, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_view_credentials(self):
        """Open the credentials of this certification."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_enablement.prm_credential_action"
        )
        return {
            **action,
            "domain": [("certification_id", "=", self.id)],
            "context": {"default_certification_id": self.id, "create": False},
        }
