from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import clean_context, is_html_empty

# What the partner agrees to: fixed as soon as the version is published.
TERMS = {
    "name",
    "kind",
    "version",
    "company_id",
    "body",
    "duration_months",
    "date_end",
    "notice_days",
    "renewal_months",
    "countersign",
}


class PrmAgreementTemplate(models.Model):
    _name = "prm.agreement.template"
    _description = "Agreement Template"
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "sequence, name, version desc, id desc"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("partner", "Partner Agreement"),
            ("nda", "Non-Disclosure Agreement"),
            ("conduct", "Code of Conduct"),
            ("data", "Data Processing"),
            ("price", "Price Terms"),
            ("other", "Other"),
        ],
        required=True,
        default="partner",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    program_ids = fields.Many2many(
        "prm.program",
        string="Programs",
        domain="[('company_id', '=', company_id)]",
        help="Members of these programs sign it.",
    )
    mandatory = fields.Boolean(
        default=True,
        tracking=True,
        help="While it is not signed, the program can hold back activation, registrations and"
        " payouts.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("replaced", "Replaced")],
        required=True,
        default="draft",
        index=True,
        tracking=True,
        copy=False,
        readonly=True,
    )
    version = fields.Integer(default=1, required=True, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "prm.agreement.template",
        string="Previous Version",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    # All versions of one agreement have the same family: the first of them.
    family_id = fields.Many2one(
        "prm.agreement.template",
        compute="_compute_family_id",
        store=True,
        index=True,
        recursive=True,
        ondelete="restrict",
    )
    body = fields.Html(
        string="Text",
        translate=True,
        sanitize="email_outgoing",
        help="The text with merge fields, in each language that partners read.",
    )
    duration_months = fields.Integer(
        string="Duration", default=12, help="Months from the start; 0 for no end."
    )
    date_end = fields.Date(
        string="Fixed End", help="The agreement ends on this day, whenever it was signed."
    )
    notice_days = fields.Integer(
        string="Notice", default=30, help="Days before the end until which notice can be given."
    )
    renewal_months = fields.Integer(
        string="Renewal", default=12, help="Renewed by itself for so many months; 0 for never."
    )
    sign_days = fields.Integer(
        string="Time to Sign", default=30, help="Days that the partner has; 0 for no limit."
    )
    countersign = fields.Boolean(
        string="Counter-signature",
        help="In force only when somebody of ours has signed as well.",
    )
    signer_group_ids = fields.Many2many(
        "res.groups",
        string="Signed By",
        default=lambda self: self.env.ref("prm_partner.group_partner_admin"),
        domain=lambda self: [
            ("privilege_id", "=", self.env.ref("prm_partner.privilege_partner_portal").id)
        ],
        help="Portal roles of the partner's people who may sign.",
    )
    ask_again = fields.Boolean(readonly=True, copy=False)
    ask_again_until = fields.Date(
        string="Earlier Versions Until",
        readonly=True,
        copy=False,
        help="Earlier versions are replaced on this day, even if the partner has not signed.",
    )
    agreement_ids = fields.One2many("prm.agreement", "template_id", string="Agreements")
    agreement_count = fields.Integer(compute="_compute_counts")
    former_count = fields.Integer(
        string="Signed an Earlier Version", compute="_compute_counts"
    )

    _version_uniq = models.UniqueIndex(
        "(family_id, version)", "This agreement already has a version with this number."
    )
    _published_uniq = models.UniqueIndex(
        "(family_id) WHERE state = 'published'",
        "Only one version of an agreement can be published.",
    )
    _draft_uniq = models.UniqueIndex(
        "(family_id) WHERE state = 'draft'",
        "There is a draft of the next version already. Open it instead.",
    )
    _numbers_check = models.Constraint(
        "CHECK(duration_months BETWEEN 0 AND 1200 AND renewal_months BETWEEN 0 AND 1200"
        " AND notice_days BETWEEN 0 AND 3660 AND sign_days BETWEEN 0 AND 3660)",
        "Duration and renewal are 0 to 1,200 months, notice and time to sign 0 to 3,660 days.",
    )
    _renewal_check = models.Constraint(
        "CHECK(renewal_months = 0 OR duration_months > 0 OR date_end IS NOT NULL)",
        "An agreement without end is not renewed. Enter its duration, or a renewal of 0 months.",
    )

    @api.depends("previous_id.family_id")
    def _compute_family_id(self):
        for template in self:
            template.family_id = template.previous_id.family_id or template

    @api.depends("name", "version")
    def _compute_display_name(self):
        for template in self:
            template.display_name = self.env._(
                "%(name)s, version %(version)s", name=template.name or "", version=template.version
            )

    def _compute_counts(self):
        agreements = self.env["prm.agreement"]
        counts = dict(
            agreements._read_group([("template_id", "in", self.ids)], ["template_id"], ["__count"])
        )
        groups = agreements._read_group(
            [("family_id", "in", self.family_id.ids), ("state", "=", "in_force")],
            ["family_id", "template_id"],
            ["__count"],
        )
        for template in self:
            template.agreement_count = counts.get(template, 0)
            template.former_count = sum(
                count
                for family, version, count in groups
                if family == template.family_id and version != template
            )

    @api.constrains("program_ids", "company_id")
    def _check_companies(self):
        for template in self:
            strangers = template.program_ids.filtered(
                lambda program, company=template.company_id: program.company_id != company
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "The program “%(program)s” belongs to another company than the agreement"
                        " “%(agreement)s”.",
                        program=strangers[0].name,
                        agreement=template.name,
                    )
                )

    @api.constrains("signer_group_ids")
    def _check_signers(self):
        roles = self.env["res.partner"]._prm_role_groups().values()
        for template in self:
            groups = template.signer_group_ids
            if not groups or groups - self.env["res.groups"].union(*roles):
                raise ValidationError(
                    self.env._(
                        "Choose which roles of the partner portal sign “%(agreement)s”.",
                        agreement=template.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state", "draft") != "draft" for vals in vals_list):
            raise UserError(self._get_state_message())
        # The context comes from the caller: its defaults must not publish anything.
        templates = self.with_context(clean_context(self.env.context))
        return super(PrmAgreementTemplate, templates).create(vals_list)

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(self._get_state_message())
        if TERMS & vals.keys():
            self._check_terms_free()
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        if field_name in TERMS:
            self._check_terms_free()
        res = super()._update_field_translations(field_name, translations, digest, source_lang)
        for lang in translations if field_name == "body" else ():
            self.with_context(lang=lang)._check_body()
        return res

    def _get_state_message(self):
        return self.env._("The status of an agreement template is changed by its buttons only.")

    def _check_terms_free(self):
        fixed = self.filtered(lambda template: template.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "“%(agreement)s” is published, so its text and terms are fixed."
                    " Use “New Version” to change them.",
                    agreement=fixed[0].display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        fixed = self.filtered(lambda template: template.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "“%(agreement)s” was published and is kept. Archive it instead.",
                    agreement=fixed[0].display_name,
                )
            )

    def copy_data(self, default=None):
        named = {"previous_id", "name"} & (default or {}).keys()
        return [
            vals if named else {**vals, "name": self.env._("%s (copy)", template.name)}
            for template, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_publish(self):
        """Draft → published; the version before it is replaced and not sent any more.

        :raise UserError: no draft
        :raise ValidationError: no text, or the text cannot be rendered in one of the languages
        """
        self.check_access("write")
        self._check_state(("draft",))
        for template in self:
            template._check_publishable()
        former = self.search(
            [("family_id", "in", self.family_id.ids), ("state", "=", "published")]
        )
        former._set_state("replaced")
        self._set_state("published")

    def _check_publishable(self):
        for lang, _name in self.env["res.lang"].get_installed():
            template = self.with_context(lang=lang)
            if is_html_empty(template.body):
                raise ValidationError(
                    self.env._("“%(agreement)s” has no text yet.", agreement=self.name)
                )
            template._check_body()

    def action_draft(self):
        """Published → draft, as long as nobody has got it.

        :raise UserError: agreements were made from it
        """
        self.check_access("write")
        self._check_state(("published",))
        used = self.sudo().filtered("agreement_ids")  # sudo: those of other managers count too
        if used:
            raise UserError(
                self.env._(
                    "“%(agreement)s” was sent to partners. Use “New Version” to change it.",
                    agreement=used[0].display_name,
                )
            )
        self._set_state("draft")

    def _set_state(self, state):
        # sudo: the buttons have checked the right to write; nobody else writes the status.
        self.sudo().state = state
        # Now, as the database allows one version in each state.
        self.flush_recordset(["state"])

    def action_new_version(self):
        """Make a draft of the next version, or open the one that there is.

        :return: action that opens the draft
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(("published", "replaced"))
        versions = self.with_context(active_test=False).search(
            [("family_id", "=", self.family_id.id)], order="version desc"
        )
        draft = versions.filtered(lambda version: version.state == "draft") or self.copy(
            {"previous_id": versions[0].id, "version": versions[0].version + 1}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }

    def action_view_agreements(self):
        """Open the agreements made from this version."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_agreement_action")
        return {**action, "domain": [("template_id", "=", self.id)], "context": {}}

    def _ask_again(self, until):
        """Have all members who signed an earlier version sign this one; a job sends it.

        :param until: day on which earlier versions end, or False to keep them until it is signed
        """
        self.check_access("write")
        self._check_state(("published",))
        self.write({"ask_again": True, "ask_again_until": until})
        # sudo: only the job is woken up.
        self.env.ref("prm_partner.ir_cron_agreement_ask_again").sudo()._trigger()
