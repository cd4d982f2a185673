from odoo import api, fields, models
from odoo.fields import Command, Domain

# What shows that a step is done, and where it is done.
STEPS = {
    "program": {
        "icon": "fa-sitemap",
        "action": "prm_partner.prm_program_template_action",
        "model": "prm.program",
        "domain": [],
    },
    "tiers": {
        "icon": "fa-trophy",
        "action": "prm_partner.res_partner_grade_action",
        "model": "res.partner.grade",
        "domain": [("program_id.active", "=", True)],
    },
    "requirements": {
        "icon": "fa-flag-checkered",
        "action": "prm_partner.res_partner_grade_action",
        "model": "res.partner.grade",
        "domain": [("program_id.active", "=", True), ("requirement_ids", "!=", False)],
    },
    "agreement": {
        "icon": "fa-file-text-o",
        "action": "prm_partner.prm_agreement_template_action",
        "model": "prm.agreement.template",
        "domain": [
            ("state", "=", "published"),
            ("program_ids.active", "=", True),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", "today"),
        ],
    },
    "onboarding": {
        "icon": "fa-tasks",
        "action": "prm_partner.prm_onboarding_plan_action",
        "model": "prm.onboarding.plan",
        "domain": [("program_id.active", "=", True), ("line_ids", "!=", False)],
    },
    "invite": {
        "icon": "fa-paper-plane-o",
        "action": "prm_partner.prm_enroll_action",
        "model": "prm.membership",
        "domain": [("state", "!=", "ended")],
    },
}


class PrmSetup(models.TransientModel):
    """What a new administrator does first, with what is done already read from the data."""

    _name = "prm.setup"
    _description = "Partner Setup"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    step_ids = fields.One2many("prm.setup.step", "setup_id", readonly=True)
    progress = fields.Integer(compute="_compute_progress")
    done_text = fields.Char(compute="_compute_progress")

    @api.depends("step_ids.is_done")
    def _compute_progress(self):
        for setup in self:
            done, total = len(setup.step_ids.filtered("is_done")), len(setup.step_ids)
            setup.progress = done * 100 // total if total else 100
            setup.done_text = self.env._("%(done)s of %(total)s", done=done, total=total)

    def _compute_display_name(self):
        for setup in self:
            setup.display_name = self.env._("Setup Checklist")

    @api.model
    def action_open(self):
        """Open the checklist of the current company."""
        steps = self._get_available_steps()
        setup = self.create(
            {"step_ids": [Command.create(self._prepare_step_vals(step)) for step in steps]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Setup Checklist"),
            "res_model": self._name,
            "res_id": setup.id,
            "view_mode": "form",
        }

    def _prepare_step_vals(self, step):
        return {name: step[name] for name in ("code", "name", "description", "button", "icon")}

    def action_hide(self):
        """Hide the checklist from the menu; the settings open it again."""
        return self._set_hidden(True)

    def action_show(self):
        """Show the checklist in the menu again, while something is left to do."""
        return self._set_hidden(False)

    def _set_hidden(self, hidden):
        self.check_access("write")
        # sudo: a program manager may not write the company; this switch belongs to the checklist.
        self.company_id.sudo().prm_setup_hidden = hidden
        return {"type": "ir.actions.client", "tag": "reload_context"}

    @api.model
    def _get_steps(self):
        """The steps in their order; an add-on adds its own.

        :return: list of dicts: ``code``, ``name``, ``description`` (one sentence), ``button``,
            ``icon``, ``action`` (XML id of what the button opens), ``model`` and ``domain``: the
            step is done when there is such a record. A step whose model no installed add-on has
            is left out, so are records of other companies.
        """
        steps = {code: {**STEPS[code], **texts} for code, texts in self._get_texts().items()}
        steps["invite"]["domain"] = [*steps["invite"]["domain"], *self._get_invited_domain()]
        return [{"code": code, **step} for code, step in steps.items()]

    @api.model
    def _get_invited_domain(self):
        """Memberships of partners with somebody who has a role in the partner portal."""
        group = self.env.ref("prm_partner.group_partner_portal")
        role = [("user_ids", "any", [("share", "=", True), ("all_group_ids", "in", group.ids)])]
        return [
            "|",
            ("partner_id", "any", role),
            ("partner_id.child_ids", "any", role),
        ]

    @api.model
    def _get_texts(self):
        return {
            "program": {
                "name": self.env._("Create a program"),
                "description": self.env._(
                    "Start from a template, for example resellers with Silver, Gold and Platinum."
                ),
                "button": self.env._("New from Template"),
            },
            "tiers": {
                "name": self.env._("Name your tiers"),
                "description": self.env._("A partner climbs from the lowest tier to the highest."),
                "button": self.env._("Tiers"),
            },
            "requirements": {
                "name": self.env._("Say what a tier asks for"),
                "description": self.env._(
                    "For example 25,000 of revenue in the last 12 months for Gold."
                ),
                "button": self.env._("Requirements"),
            },
            "agreement": {
                "name": self.env._("Write the partner agreement"),
                "description": self.env._("Partners read and sign it in the portal."),
                "button": self.env._("Agreement Templates"),
            },
            "onboarding": {
                "name": self.env._("Plan the first weeks"),
                "description": self.env._(
                    "Tasks for you and for the partner, each with its due date."
                ),
                "button": self.env._("Onboarding Plans"),
            },
            "invite": {
                "name": self.env._("Invite your first partner"),
                "description": self.env._(
                    "Enroll a company and give one of its people access to the portal."
                ),
                "button": self.env._("Enroll Partner"),
            },
        }

    @api.model
    def _get_available_steps(self):
        return [step for step in self._get_steps() if step["model"] in self.env]

    @api.model
    def _is_done(self, step, company):
        """Whether ``company`` has what the step is about."""
        # sudo: only whether there is such a record is shown.
        records = self.env[step["model"]].sudo()
        domain = Domain(step["domain"])
        if step["model"] == "res.partner.grade":
            domain &= Domain("program_id.company_id", "=", company.id)
        elif "company_id" in records._fields:
            domain &= Domain("company_id", "in", [company.id, False])
        return bool(records.search_count(domain, limit=1))

    @api.model
    def _is_open(self):
        """Whether the current company has something left to do and wants to see it."""
        company = self.env.company
        if company.prm_setup_hidden:
            return False
        return not all(self._is_done(step, company) for step in self._get_available_steps())
