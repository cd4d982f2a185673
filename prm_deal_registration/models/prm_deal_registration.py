from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.addons.prm_partner.tools import account_keys
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
ACTIVE_MEMBERSHIP_STATES = ("active", "at_risk")

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
    "date_reminded",
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
    date_reminded = fields.Date(readonly=True, copy=False, groups=STAFF)
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
        "(lead_id) WHERE state IN ('approved', 'won')",
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

    def action_submit(self):
        """Hand in the claim: check for conflicts, then decide by rule.

        Called by staff with write access, or by an administrator or salesperson of the partner.

        :return: True
        :raise AccessError: the user may not submit this registration
        :raise UserError: not a draft, or something is missing
        """
        self._check_partner_action()
        self.sudo()._submit()  # sudo: the right to submit was checked; partners cannot write
        return True

    def action_start_review(self):
        """Submitted → in review, by the user who presses the button."""
        self._check_decision(("submitted",))
        # sudo: the right to decide was checked; the state is no field to edit.
        self.sudo()._transition("in_review", "routed", approver_id=self.env.uid)

    def action_approve(self):
        """Approve the claim: opportunity, protection and mail to the partner.

        Conflicts are checked again first. If a grave one has come up since the reviewer looked,
        nothing is approved, and the reviewer is shown the new state.

        :return: True, or an action that reports new conflicts
        :raise UserError: not to be decided, or the customer is protected for another partner
        """
        self._check_decision(PENDING_STATES)
        deals = self.sudo()  # sudo: the right to decide was checked; the rest is done by the system
        deals._lock_accounts()
        if deals._find_new_conflicts():
            return self._get_new_conflict_action()
        for deal in deals:
            deal._approve()
        return True

    def action_reject(self, reason_id, note):
        """Refuse the claim.

        :param int reason_id: id of a ``prm.deal.reason``, which the partner is told
        :param str note: text for the partner
        :raise UserError: not to be decided, or the reason is missing
        """
        self._check_decision(PENDING_STATES)
        reason = self.env["prm.deal.reason"].browse(reason_id).exists()
        if not reason:
            raise UserError(self.env._("Choose a reason, which the partner is told."))
        self.sudo()._reject(reason, note)  # sudo: the right to decide was checked

    def action_return(self, reason):
        """Send the claim back to the partner, who completes it and keeps its place in the queue.

        :param str reason: what is missing
        """
        self._check_decision(PENDING_STATES)
        if not (reason or "").strip():
            raise UserError(self.env._("Say what the partner shall add or correct."))
        deals = self.sudo()  # sudo: the right to decide was checked
        deals._transition("returned", "returned", {"note": reason}, decision_note=reason)
        deals._close_activities()
        deals._send_mail("prm_deal_registration.mail_template_returned")

    def action_withdraw(self):
        """Give the claim up; a protection ends. For staff, or for the partner.

        :raise UserError: the deal is closed already
        """
        self._check_partner_action()
        self._check_state((*EDITABLE_STATES, "approved"))
        deals = self.sudo()  # sudo: the right was checked; partners have no write access
        deals.protection_ids.active = False
        # The opportunity stays the vendor's; the partner has nothing to do with it any more.
        deals._get_leads_of_partner().partner_assigned_id = False
        deals._transition("withdrawn", "withdrawn")
        deals._close_activities()

    def _get_leads_of_partner(self):
        """The opportunities that approval assigned to the partner, and that it still has."""
        return self.filtered(
            lambda deal: deal.state == "approved"
            and deal.lead_id.partner_assigned_id.commercial_partner_id == deal.partner_id
        ).lead_id

    def action_view_lead(self):
        """Open the opportunity."""
        self.ensure_one()
        return self.lead_id.get_formview_action()

    def _check_decision(self, allowed):
        """The user is staff with write access, and the registrations wait for a decision."""
        self.check_access("write")
        self._check_state(allowed)

    def _transition(self, state, event, data=None, **values):
        """The one place where the state changes.

        :param str state: new state
        :param str event: type of the log entry
        :param dict data: facts for the log
        :param values: other fields to write in the same step
        """
        self.write({"state": state, **values})
        self.env["prm.deal.event"]._log(self, event, {"state": state, **(data or {})})

    def _submit(self):
        self._check_state(("draft", "returned"))
        self._check_complete()
        self._lock_accounts()
        sequence = self.env["ir.sequence"]
        for deal in self:
            deal._transition(
                "submitted",
                "submitted",
                {"customer": deal.customer_name, "partner": deal.partner_id.id},
                submit_number=deal.submit_number
                or int(sequence.next_by_code("prm.deal.submission")),
                date_submitted=deal.date_submitted or fields.Datetime.now(),
                date_deadline=deal._get_decision_deadline(),
                decision_note=False,
            )
        self._subscribe_contact()
        # The decision is the system's, whoever submits.
        deals = self.with_user(SUPERUSER_ID)
        deals._check_conflicts()
        for deal in deals:
            deal._decide()

    def _check_complete(self):
        for deal in self:
            reasons = deal._get_block_reasons()
            if reasons:
                raise UserError("\n".join(reasons))
            errors = deal._validate_registration(deal._get_portal_values())
            if errors:
                raise ValidationError(self._format_errors(errors))

    def _get_block_reasons(self):
        """Why the partner may not register deals now, as sentences for staff and the partner."""
        if self.membership_id:
            return self.membership_id._block_reasons("registration")
        return self.partner_id._prm_block_reasons("registration", self.company_id)

    def _lock_accounts(self):
        """Wait for other decisions on the same customers, so that each sees the one before."""
        names = {
            f"{deal.company_id.id}:{key}"
            for deal in self
            for key in account_keys.lock_keys(deal._get_account_keys())
        }
        self.env["prm.account.lock"]._acquire(sorted(names))

    def _check_conflicts(self):
        conflicts = self.env["prm.deal.conflict"]._detect(self)
        facts = {
            deal.id: {
                "conflicts": len(found),
                "severity": deal.conflict_severity or "",
                "keys": sorted({key for conflict in found for key in conflict._get_keys()}),
            }
            for deal in self
            for found in [conflicts.filtered(lambda c, d=deal: c.registration_id == d)]
        }
        self.env["prm.deal.event"]._log(self, "checked", facts)

    def _find_new_conflicts(self):
        """Check again.

        :return: whether there is a grave conflict that was not there at the last check
        """
        known = self.conflict_ids._get_identities()
        self._check_conflicts()
        return bool(self.conflict_ids._get_identities() - known)

    def _get_new_conflict_action(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "A new conflict has come up. Look at the conflicts, then decide again."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _decide(self):
        """Let the first approval rule that holds decide; without one the claim waits."""
        self.ensure_one()
        rule = self.env["prm.approval.rule"]._match(self)
        if rule.outcome == "approve" and not self._get_rival_protections():
            self._approve(rule)
        elif rule.outcome == "reject":
            self._reject(rule.reason_id, False)
        else:
            self._route(rule)

    def _route(self, rule):
        approver = rule.approver_id or self._get_default_approver()
        values = {"approver_id": approver.id}
        if rule:
            self._transition("in_review", "routed", {"rule": rule.name}, **values)
        else:
            self.write(values)
        self._schedule_decision(approver)
        self._send_mail("prm_deal_registration.mail_template_received")

    def _get_default_approver(self):
        candidates = self.membership_id.user_id | self.program_id.user_id
        return candidates.filtered(
            lambda user: user.active and user.has_group("prm_partner.group_partner_manager")
        )[:1]

    def _approve(self, rule=None):
        self.ensure_one()
        self._check_membership_active()
        self._check_lead_free()
        start = fields.Date.context_today(self)
        end = start + timedelta(days=self._get_protection_days())
        rivals = self._get_rival_protections(start, end)
        if rivals:
            raise UserError(rivals._get_message())
        self.lead_id = self._tie_opportunity()
        self._transition(
            "approved",
            "approved",
            {"rule": rule.name} if rule else {},
            date_protected_from=start,
            date_protected_until=end,
            **self._prepare_decision_vals(),
        )
        self.env["prm.deal.protection"]._protect(self)
        self.membership_id._mark_milestone("first_registration")
        self._close_activities()
        self._send_mail("prm_deal_registration.mail_template_approved")

    def _check_membership_active(self):
        if self.membership_id.state not in ACTIVE_MEMBERSHIP_STATES:
            raise UserError(
                self.env._(
                    "The membership of %(partner)s is not active. Resume it or reject the deal.",
                    partner=self.partner_id.name,
                )
            )

    def _check_lead_free(self):
        rival = self.lead_id.registration_id - self
        if rival:
            raise UserError(
                self.env._(
                    "The opportunity “%(lead)s” already belongs to the registration %(deal)s."
                    " Choose another opportunity, or none to create one.",
                    lead=self.lead_id.name,
                    deal=rival.name,
                )
            )

    def _get_rival_protections(self, start=None, end=None):
        start = start or fields.Date.context_today(self)
        end = end or start + timedelta(days=self._get_protection_days())
        return self.env["prm.deal.protection"]._get_rivals(self, start, end)

    def _reject(self, reason, note):
        self._transition(
            "rejected",
            "rejected",
            {"reason": reason.code, "note": note or ""},
            reason_id=reason.id,
            decision_note=note,
            **self._prepare_decision_vals(),
        )
        self._close_activities()
        self._send_mail("prm_deal_registration.mail_template_rejected")

    def _prepare_decision_vals(self):
        return {"date_decided": fields.Datetime.now(), "decided_by_id": self.env.uid}

    def _tie_opportunity(self):
        """The opportunity that staff chose, or a new one, assigned to the partner."""
        lead = self.lead_id
        if not lead:
            # The opportunity is the vendor's: it is made by the system, not by the portal user.
            system = self.with_user(SUPERUSER_ID).with_company(self.company_id)
            leads = system.env["crm.lead"].with_context(mail_create_nosubscribe=True)
            return leads.create(system._prepare_opportunity_vals())
        lead.write({"partner_assigned_id": self.partner_id.id, "type": "opportunity"})
        return lead

    def _prepare_opportunity_vals(self):
        tag = self.env.ref("prm_deal_registration.crm_tag_partner_deal", raise_if_not_found=False)
        owner = self._get_default_approver()
        return {
            "type": "opportunity",
            "name": f"{self.customer_name} ({self.partner_id.name})",
            "company_id": self.company_id.id,
            "user_id": owner.id if self.company_id in owner.company_ids else False,
            "partner_assigned_id": self.partner_id.id,
            "partner_name": self.customer_name,
            "email_from": self.customer_email,
            "phone": self.customer_phone,
            "website": self.customer_website,
            "country_id": self.customer_country_id.id,
            "expected_revenue": self._get_company_amount(),
            "date_deadline": self.date_close,
            "tag_ids": [fields.Command.link(tag.id)] if tag else [],
        }

    def _get_company_amount(self):
        """The amount in the currency of the company."""
        self.ensure_one()
        return self.currency_id._convert(
            self.amount,
            self.company_id.currency_id,
            self.company_id,
            self.date_submitted or fields.Date.context_today(self),
        )

    def _get_protection_days(self):
        """Days of protection: the tier's benefit, else the program's."""
        benefit = self.membership_id._prm_benefit("protection_days")
        return int(benefit) if benefit else self.program_id.protection_days

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
