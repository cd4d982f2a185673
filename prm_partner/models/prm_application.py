from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _lang_get
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize

from .prm_application_stage import STATES
from .res_partner import PORTAL_ROLES

OPEN_STATES = ("new", "in_review")
# Set by the steps of the workflow only.
SYSTEM_FIELDS = {
    "number",
    "state",
    "date_deadline",
    "date_halfway",
    "escalation",
    "date_decided",
    "decided_by_id",
    "is_auto_decided",
    "reason_id",
    "decision_note",
    "membership_id",
    "user_input_id",
}
# A change of one of these may make the applicant equal to another company.
IDENTITY_FIELDS = {
    "name",
    "vat",
    "company_registry",
    "website",
    "contact_email",
    "country_id",
    "partner_id",
    "program_id",
}


class PrmApplication(models.Model):
    _name = "prm.application"
    _description = "Partner Application"
    _inherit = ["prm.account.keys", "prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "priority desc, date_applied desc, id desc"
    _rec_names_search = ["name", "number", "contact_name", "contact_email"]
    _primary_email = "contact_email"

    number = fields.Char(
        readonly=True, copy=False, required=True, default=lambda self: self.env._("New")
    )
    name = fields.Char(string="Company Name", required=True, tracking=True)
    vat = fields.Char(string="Tax ID")
    company_registry = fields.Char(string="Registration Number")
    website = fields.Char()
    phone = fields.Char(string="Company Phone")
    street = fields.Char()
    street2 = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    state_id = fields.Many2one(
        "res.country.state",
        string="Federal State",
        index="btree_not_null",
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one("res.country", index="btree_not_null", tracking=True)
    contact_name = fields.Char(string="Contact", required=True)
    contact_email = fields.Char(string="E-mail", required=True)
    contact_phone = fields.Char()
    contact_function = fields.Char(string="Job Position")
    lang = fields.Selection(_lang_get, string="Language")
    description = fields.Text(string="Message", help="What the applicant writes about itself.")

    program_id = fields.Many2one(
        "prm.program", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier at Start",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('program_id', '=', program_id)]",
        help="Empty: the lowest tier of the program.",
    )
    role = fields.Selection(
        PORTAL_ROLES,
        string="Portal Role",
        default="admin",
        help="The contact is invited to the portal in this role. Empty: no invitation.",
    )
    source_id = fields.Many2one("utm.source", index="btree_not_null", ondelete="restrict")
    user_id = fields.Many2one(
        "res.users",
        string="Reviewer",
        index=True,
        tracking=True,
        domain=[("share", "=", False)],
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Medium"), ("2", "High"), ("3", "Very High")], default="0"
    )
    date_applied = fields.Datetime(
        string="Applied On", required=True, default=fields.Datetime.now, copy=False
    )

    stage_id = fields.Many2one(
        "prm.application.stage",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        copy=False,
        default=lambda self: self.env["prm.application.stage"]._first("new"),
        group_expand="_read_group_stage_ids",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="new", index=True, copy=False
    )

    partner_id = fields.Many2one(
        "res.partner",
        string="Existing Partner",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        tracking=True,
        domain="[('is_company', '=', True), ('company_id', 'in', (False, company_id))]",
        help="The company that the applicant is already known as. Empty: approval makes a new one.",
    )
    duplicate_ids = fields.One2many("prm.application.duplicate", "application_id")
    open_duplicate_count = fields.Integer(compute="_compute_open_duplicate_count")
    check_ids = fields.One2many(
        "prm.due.diligence.check", "application_id", string="Due Diligence"
    )
    membership_id = fields.Many2one(
        "prm.membership",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )

    date_decided = fields.Datetime(string="Decided On", readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", copy=False
    )
    is_auto_decided = fields.Boolean(string="Approved by Rule", readonly=True, copy=False)
    reason_id = fields.Many2one(
        "prm.application.reason",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    decision_note = fields.Text(string="Note to the Applicant", readonly=True, copy=False)
    mail_lang = fields.Char(compute="_compute_mail_lang", compute_sudo=True)

    _names_check = models.Constraint(
        "CHECK(btrim(name) != '' AND btrim(contact_name) != '')",
        "Enter the names of the company and of the person.",
    )
    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "Another application already has this number."
    )
    _membership_uniq = models.UniqueIndex(
        "(membership_id) WHERE state = 'approved'",
        "Another application has led to this membership already.",
    )

    @api.depends("name", "number")
    def _compute_display_name(self):
        for application in self:
            parts = (application.number, application.name)
            application.display_name = " · ".join(filter(None, parts))

    @api.depends("duplicate_ids.state")
    def _compute_open_duplicate_count(self):
        groups = self.env["prm.application.duplicate"]._read_group(
            [("application_id", "in", self.ids), ("state", "=", "open")],
            ["application_id"],
            ["__count"],
        )
        counts = {application.id: count for application, count in groups}
        for application in self:
            application.open_duplicate_count = counts.get(application.id, 0)

    @api.depends("lang", "company_id.partner_id.lang")
    def _compute_mail_lang(self):
        """Language of the mails; one that is not installed any more must not stop a decision."""
        installed = dict(self.env["res.lang"].get_installed())
        for application in self:
            langs = (application.lang, application.company_id.partner_id.lang)
            application.mail_lang = next((lang for lang in langs if lang in installed), False)

    @api.model
    def _read_group_stage_ids(self, stages, _domain):
        return stages.search(fields.Domain.TRUE)

    @api.constrains("contact_email")
    def _check_contact_email(self):
        for application in self:
            if not email_normalize(application.contact_email):
                raise ValidationError(
                    self.env._(
                        "“%(email)s” is no e-mail address. Enter one like jo@example.com.",
                        email=application.contact_email,
                    )
                )

    @api.constrains("grade_id", "program_id")
    def _check_grade_program(self):
        for application in self.filtered("grade_id"):
            if application.grade_id.program_id != application.program_id:
                raise ValidationError(
                    self.env._(
                        "The tier “%(tier)s” does not belong to the program “%(program)s”.",
                        tier=application.grade_id.name,
                        program=application.program_id.name,
                    )
                )

    @api.constrains("partner_id")
    def _check_commercial_partner(self):
        for application in self.filtered("partner_id"):
            commercial = application.partner_id.commercial_partner_id
            if application.partner_id != commercial:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(company)s. Choose the company.",
                        contact=application.partner_id.name,
                        company=commercial.name,
                    )
                )

    @api.onchange("program_id")
    def _onchange_program_id(self):
        if self.grade_id.program_id != self.program_id:
            self.grade_id = False

    @api.onchange("country_id")
    def _onchange_country_id(self):
        if self.state_id.country_id != self.country_id:
            self.state_id = False

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [self._without_system_fields(vals) for vals in vals_list]
        applications = super().create([self._prepare_create_vals(vals) for vals in vals_list])
        # sudo: the checklist and the clock are the program's, whoever enters the application.
        system = applications.sudo()
        system._start_clock()
        system._add_checks()
        system._detect_duplicates()
        if not self.env.context.get("install_mode") and not self.env.context.get("import_file"):
            system._try_auto_approve()
            system._confirm_receipt()
        return applications

    def write(self, vals):
        if not self.env.su:
            self._check_system_fields(vals)
        if "stage_id" in vals and "state" not in vals:
            stage = self.env["prm.application.stage"].browse(vals["stage_id"])
            self._check_stage(stage)
            vals = {**vals, "state": stage.state}
        res = super().write(vals)
        if IDENTITY_FIELDS & vals.keys():
            # sudo: equal companies are looked for among records of other managers, too.
            self.filtered(lambda record: record.state in OPEN_STATES).sudo()._detect_duplicates()
        if "program_id" in vals:
            self.sudo()._add_checks()  # sudo: the checklist is the program's
        return res

    @api.model
    def _without_system_fields(self, vals):
        """What a client sends for fields of the workflow is not taken."""
        left = {name: value for name, value in vals.items() if name not in SYSTEM_FIELDS}
        stage = self.env["prm.application.stage"].browse(left.get("stage_id"))
        if stage.state not in OPEN_STATES:
            left.pop("stage_id", None)
        return left

    @api.model
    def _prepare_create_vals(self, vals):
        # Defaults in the context are values from the client, too.
        system = {} if self.env.su else dict.fromkeys(SYSTEM_FIELDS - {"number", "state"}, False)
        stages = self.env["prm.application.stage"]
        stage = stages.browse(vals.get("stage_id")) or stages._first(vals.get("state", "new"))
        number = vals.get("number") or self._next_number(vals.get("program_id"))
        return {
            **system,
            "state": stage.state,
            **vals,
            "stage_id": stage.id,
            "number": number,
        }

    @api.model
    def _next_number(self, program_id):
        company = self.env["prm.program"].browse(program_id).company_id or self.env.company
        # sudo: whoever may enter an application need not be allowed to read sequences.
        sequences = self.env["ir.sequence"].sudo().with_company(company)
        return sequences.next_by_code("prm.application") or self.env._("New")

    def _check_system_fields(self, vals):
        for name in SYSTEM_FIELDS & vals.keys():
            field = self._fields[name]
            if any(field.convert_to_write(record[name], record) != vals[name] for record in self):
                raise UserError(
                    self.env._("Status and decision are changed by the buttons of the form only.")
                )

    def _check_stage(self, stage):
        closed = self.filtered(lambda record: record.state not in OPEN_STATES)
        if stage.state not in OPEN_STATES and stage not in self.stage_id:
            raise UserError(
                self.env._("An application is decided by the buttons Approve and Reject.")
            )
        if closed.filtered(lambda record: record.stage_id != stage):
            raise UserError(
                self.env._("%(application)s is decided. Reopen it first.",
                           application=closed[0].display_name)
            )  # fmt: skip

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        approved = self.filtered(lambda record: record.state == "approved")
        if approved:
            raise UserError(
                self.env._(
                    "%(application)s has made a partner and stays as its record.",
                    application=approved[0].display_name,
                )
            )

    @api.model
    def _get_account_key_depends(self):
        return ["name", "vat", "company_registry", "website", "contact_email", "country_id"]

    def _get_account_data(self):
        return {
            "name": self.name,
            "vat": self.vat,
            "registry": self.company_registry,
            "website": self.website,
            "email": self.contact_email,
            "phone": self.phone,
            "country": self.country_id.code,
            "zip": self.zip,
            "street": self.street,
        }

    def _add_checks(self):
        """Complete the checklist by what the program asks for."""
        checks = self.env["prm.due.diligence.check"]
        checks.create(
            [
                item._prepare_check_vals(application)
                for application in self
                for item in application.program_id.due_diligence_item_ids
                - application.check_ids.item_id
            ]
        )

    def _detect_duplicates(self):
        self.env["prm.application.duplicate"]._detect(self)

    def _confirm_receipt(self):
        waiting = self.filtered(
            lambda record: record.state in OPEN_STATES and record.program_id.confirm_receipt
        )
        waiting._send_mail("prm_partner.mail_template_application_received")

    def _send_mail(self, template_xmlid):
        """Queue a mail to the applicant, in the applicant's language."""
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        if template and self:
            template.send_mail_batch(self.ids, email_layout_xmlid="prm_partner.mail_layout")

    def action_view_membership(self):
        """Open the membership that the approval made."""
        self.ensure_one()
        return self.membership_id.get_formview_action()
