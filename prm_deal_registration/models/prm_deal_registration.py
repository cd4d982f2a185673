
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .prm_conflict_rule import SEVERITIES, SEVERITY_RANK

STAFF = "base.group_user"
# Technical and marketing contacts of a partner see no money.
MONEY = (
    "base.group_user,prm_partner.group_partner_admin,prm_partner.group_partner_sales,"
    "prm_partner.group_partner_finance"
)
STATES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("in_review", "In Review"),
    ("returned", "Returned"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("appealed", "Appealed"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("expired", "Expired"),
]
PENDING_STATES = ("submitted", "in_review", "appealed")
EDITABLE_STATES = ("draft", "returned", *PENDING_STATES)

# Set by the steps of the workflow only.
SYSTEM_FIELDS = {
    "name",
    "state",
    "submit_number",
    "date_submitted",
    "date_deadline",
    "date_decided",
    "decided_by_id",
    "reason_id",
    "decision_note",
    "date_protected_from",
    "date_protected_until",
    "date_won",
    "date_order_asked",
    "event_count",
    "event_hash",
    "date_ended",
    "reminded_days",
    "date_milestone",
    "date_milestone_reached",
    "milestone_note",
    "milestone_missed",
    "amount_approved",
    "main_registration_id",
}
# Decided on, therefore fixed by the decision.
CLAIM_FIELDS = {
    "partner_id",
    "membership_id",
    "company_id",
    "category_id",
    "customer_name",
    "customer_website",
    "customer_email",
    "customer_phone",
    "customer_country_id",
    "customer_vat",
    "lead_id",
}


class PrmDealRegistration(models.Model):
    _name = "prm.deal.registration"
    _description = "Deal Registration"
    _inherit = ["prm.account.keys", "prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env._("New"),
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,  # columns in the order of the workflow, not of the alphabet
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # Who claims
    partner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain=[("is_prm_partner", "=", True)],
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Registered By",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="The person at the partner who gets the mails about this deal.",
    )
    membership_id = fields.Many2one(
        "prm.membership",
        index="btree_not_null",
        ondelete="restrict",
        compute="_compute_membership_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id', '=', partner_id), ('company_id', '=', company_id)]",
    )
    program_id = fields.Many2one(related="membership_id.program_id", store=True, index=True)

    # The deal
    customer_name = fields.Char(required=True, tracking=True)
    customer_website = fields.Char()
    customer_email = fields.Char()
    customer_phone = fields.Char()
    customer_country_id = fields.Many2one("res.country", index="btree_not_null")
    customer_vat = fields.Char(string="Customer VAT")
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        help="What is protected. Empty: everything.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        index=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(tracking=True, groups=MONEY)
    date_close = fields.Date(string="Expected Closing", tracking=True)
    description = fields.Text(string="Notes of the Partner")

    # The decision
    submit_number = fields.Integer(
        readonly=True,
        copy=False,
        index=True,
        groups=STAFF,
        help="Order of submission, counted by the server.",
    )
    date_submitted = fields.Datetime(readonly=True, copy=False, index=True)
    date_deadline = fields.Datetime(string="Decision Due", readonly=True, copy=False)
    approver_id = fields.Many2one(
        "res.users",
        string="Reviewer",
        index="btree_not_null",
        copy=False,
        groups=STAFF,
        domain=[("share", "=", False)],
    )
    date_decided = fields.Datetime(readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, index="btree_not_null", groups=STAFF
    )
    reason_id = fields.Many2one(
        "prm.deal.reason", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    decision_note = fields.Text(string="Note to the Partner", readonly=True, copy=False)

    # Conflicts
    conflict_ids = fields.One2many(
        "prm.deal.conflict", "registration_id", string="Conflicts", groups=STAFF
    )
    conflict_severity = fields.Selection(
        SEVERITIES,
        string="Conflict",
        compute="_compute_conflict_severity",
        store=True,
        groups=STAFF,
    )
    has_conflict = fields.Boolean(compute="_compute_conflict_severity", store=True)
    conflict_hint = fields.Text(compute="_compute_conflict_hint", compute_sudo=True)

    # Protection
    protection_ids = fields.One2many(
        "prm.deal.protection", "registration_id", string="Protections", groups=STAFF
    )
    date_protected_from = fields.Date(string="Protected From", readonly=True, copy=False)
    date_protected_until = fields.Date(string="Protected Until", readonly=True, copy=False)
    date_won = fields.Date(string="Won On", readonly=True, copy=False)

    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        groups=STAFF,
        domain="[('type', '=', 'opportunity'), ('company_id', 'in', (False, company_id))]",
        help="Choose one before approval to tie the registration to it; the partner is assigned to"
        " it and can read it in the portal. Empty: approval creates one.",
    )
    event_ids = fields.One2many("prm.deal.event", "registration_id", string="Log", groups=STAFF)

    _amount_check = models.Constraint(
        "CHECK(amount >= 0)", "The amount of a deal cannot be negative."
    )
    _lead_uniq = models.UniqueIndex(
        "(lead_id) WHERE state IN ('approved', 'won') AND main_registration_id IS NULL",
        "This opportunity already has an approved registration. Choose another one.",
    )
    _due_idx = models.Index(
        "(company_id, date_deadline) WHERE state IN ('submitted', 'in_review', 'appealed')"
    )
    _expiry_idx = models.Index("(date_protected_until) WHERE state = 'approved'")

    @api.depends("partner_id", "company_id")
    def _compute_membership_id(self):
        memberships = self.partner_id._prm_active_memberships().grouped(
            lambda membership: (membership.partner_id, membership.company_id)
        )
        for registration in self:
            scope = (registration.partner_id, registration.company_id)
            current = registration.membership_id
            if (current.partner_id, current.company_id) != scope:
                current = memberships.get(scope, current.browse())[:1]
            registration.membership_id = current

    @api.depends("membership_id", "company_id")
    def _compute_currency_id(self):
        for registration in self:
            registration.currency_id = (
                registration.membership_id.program_id.currency_id
                or registration.company_id.currency_id
            )

    @api.depends("conflict_ids.severity")
    def _compute_conflict_severity(self):
        for registration in self:
            severities = registration.conflict_ids.mapped("severity")
            gravest = max(severities, key=SEVERITY_RANK.get, default=False)
            registration.conflict_severity = gravest
            registration.has_conflict = gravest in ("review", "block")

    @api.depends("conflict_ids.matched_keys", "has_conflict")
    @api.depends_context("lang")
    def _compute_conflict_hint(self):
        for registration in self:
            registration.conflict_hint = (
                registration.conflict_ids._get_hint() if registration.has_conflict else False
            )

    @api.constrains("partner_id", "membership_id")
    def _check_partner(self):
        for registration in self:
            partner = registration.partner_id
            if partner != partner.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact. Register the deal for the company %(company)s.",
                        contact=partner.name,
                        company=partner.commercial_partner_id.name,
                    )
                )
            if registration.membership_id and registration.membership_id.partner_id != partner:
                raise ValidationError(
                    self.env._("The membership belongs to another partner than the registration.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_system_fields(vals)
        sequence = self.env["ir.sequence"].sudo()  # sudo: only takes the next number
        return super(PrmDealRegistration, self._without_system_defaults()).create(
            [
                {**vals, "name": vals.get("name") or sequence.next_by_code("prm.deal.registration")}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self._refuse_system_fields(vals)
            if CLAIM_FIELDS & vals.keys():
                self._refuse_decided()
        if not vals.keys() & set(self._get_account_key_depends()):
            return super().write(vals)
        # sudo: the keys are compared by the system; partners may not read them.
        returned = self.sudo().filtered(lambda deal: deal.state == "returned")
        before = {deal: deal._get_account_keys() for deal in returned}
        res = super().write(vals)
        returned.filtered(lambda deal: deal._replaces_keys(before[deal]))._lose_place()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if any(registration.state != "draft" for registration in self):
            raise UserError(
                self.env._("Only drafts can be deleted. Withdraw or reject the deal instead.")
            )

    def _refuse_system_fields(self, vals):
        """The state of a claim changes by its actions, which leave a trace, not by writing it."""
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(
                self.env._("The status of a deal is changed by its buttons, not by editing it.")
            )

    def _replaces_keys(self, before):
        """Whether the claim is about another customer; what was only missing may be added."""
        after = self._get_account_keys()
        return any(value and after[key] != value for key, value in before.items())

    def _lose_place(self):
        """A claim on another customer is a new one: submitting it gives it a new number."""
        if self:
            self.write({"submit_number": 0, "date_submitted": False})

    def _without_system_defaults(self):
        """Defaults in the context are values from the client too, also where it acts by sudo."""
        system = {f"default_{name}" for name in SYSTEM_FIELDS}
        context = {key: value for key, value in self.env.context.items() if key not in system}
        return self.with_env(self.env(context=context))

    def _refuse_decided(self):
        decided = self.filtered(lambda registration: registration.state not in EDITABLE_STATES)
        if decided:
            raise UserError(
                self.env._(
                    "%(deal)s is decided: partner, customer and scope cannot be changed any more.",
                    deal=decided[0].name,
                )
            )

    def _transition(self, state, event, data=None, **values):
        """The one place where the state changes.

        :param str state: new state
        :param str event: type of the log entry
        :param dict data: facts for the log
        :param values: other fields to write in the same step
        """
        self.write({"state": state, **values})
        self.env["prm.deal.event"]._log(self, event, {"state": state, **(data or {})})

    @api.model
    def _get_account_key_depends(self):
        return [
            "customer_name",
            "customer_vat",
            "customer_website",
            "customer_email",
            "customer_phone",
            "customer_country_id",
        ]

    def _get_account_data(self):
        return {
            "name": self.customer_name,
            "vat": self.customer_vat,
            "website": self.customer_website,
            "email": self.customer_email,
            "phone": self.customer_phone,
            "country": self.customer_country_id.code,
        }
