from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PrmDealPolicy(models.Model):
    """The rules of the game for deals of one program, or of one of its tiers.

    A benefit of the tier with the same name (``protection_days``, ``extensions``,
    ``open_registrations``) goes before the number here, see ``prm.membership._get_deal_term``.
    """

    _name = "prm.deal.policy"
    _description = "Deal Policy"
    _order = "program_id, grade_id, id"

    program_id = fields.Many2one("prm.program", required=True, index=True, ondelete="cascade")
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('program_id', '=', program_id)]",
        help="Empty: all tiers of the program that have no policy of their own.",
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)

    protection_days = fields.Integer(
        string="Protection (Days)",
        default=90,
        help="How long an approved deal is protected. A tier can have its own number.",
    )
    open_registrations = fields.Integer(
        string="Most Open Registrations",
        default=25,
        help="How many deals a partner can have waiting or protected at once. 0: no limit.",
    )
    cooling_off_days = fields.Integer(
        string="Cooling-off (Days)",
        default=30,
        help="So long after its protection ended a partner cannot register the same customer"
        " again.",
    )
    milestone_days = fields.Integer(
        string="Milestone after (Days)",
        default=30,
        help="By then the partner reports a first result, or it is proposed to revoke the"
        " protection. 0: no milestone.",
    )

    extensions = fields.Integer(
        default=2, help="How often a protection can be extended. A tier can have its own number."
    )
    extension_days = fields.Integer(string="Days per Extension", default=30)
    extension_notice_days = fields.Integer(
        string="Asked for before the End (Days)",
        default=7,
        help="An extension is asked for at least so many days before the protection ends.",
    )
    extension_activity_days = fields.Integer(
        string="Activity within (Days)",
        default=30,
        help="An extension needs a sign of work on the deal that is not older. 0: no sign needed.",
    )
    extension_automatic = fields.Boolean(
        string="Extend at Once", help="Extensions that fulfil the conditions need no decision."
    )

    decision_days = fields.Integer(
        string="Decision within (Working Days)",
        default=2,
        help="What the partner is promised when it registers a deal.",
    )
    deemed_approval = fields.Boolean(
        string="Silence Is Consent",
        help="What we have not decided in time is approved, if no other partner is in the way.",
    )
    amendment_percent = fields.Float(
        string="Amendment up to (%)",
        default=20.0,
        help="A change of an approved deal's amount by more than this waits for approval.",
    )

    kind = fields.Selection(
        [("exclusive", "One partner alone"), ("teaming", "Several partners together")],
        string="Who Gets the Deal",
        required=True,
        default="exclusive",
    )
    teaming_share = fields.Float(
        string="Share of a Further Partner (%)",
        default=50.0,
        help="What a partner gets of a deal that it joins.",
    )
    direct_sales = fields.Selection(
        [("warn", "Warn"), ("stop", "Stop")],
        string="Own Sales on a Protected Customer",
        required=True,
        default="warn",
        help="What happens when our own sales work on a customer that is protected for a partner.",
    )

    _scope_uniq = models.UniqueIndex(
        "(program_id, COALESCE(grade_id, 0))",
        "There is a policy for this program and tier already. Change that one.",
    )
    _days_check = models.Constraint(
        "CHECK(LEAST(protection_days, open_registrations, cooling_off_days, milestone_days,"
        " extensions, extension_days, extension_notice_days, extension_activity_days,"
        " decision_days) >= 0 AND GREATEST(protection_days, cooling_off_days, milestone_days,"
        " extension_days, extension_notice_days, extension_activity_days, decision_days) <= 3660)",
        "Days and numbers of a policy are from 0 to 3,660.",
    )
    _extension_check = models.Constraint(
        "CHECK(extensions = 0 OR extension_days > 0)",
        "Say by how many days an extension extends the protection.",
    )
    _percent_check = models.Constraint(
        "CHECK(amendment_percent >= 0 AND teaming_share > 0 AND teaming_share <= 100)",
        "The share is more than 0 and up to 100 %, the limit for amendments not negative.",
    )

    @api.depends("program_id.name", "grade_id.name")
    def _compute_display_name(self):
        for policy in self:
            names = (policy.program_id.name, policy.grade_id.name)
            policy.display_name = " · ".join(filter(None, names))

    @api.constrains("program_id", "grade_id")
    def _check_grade(self):
        for policy in self:
            if policy.grade_id and policy.grade_id.program_id != policy.program_id:
                raise ValidationError(
                    self.env._(
                        "“%(tier)s” is no tier of “%(program)s”. Choose one of its tiers.",
                        tier=policy.grade_id.name,
                        program=policy.program_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_main(self):
        main = self.filtered(lambda policy: not policy.grade_id)
        if main:
            raise ValidationError(
                self.env._(
                    "Every program needs a policy for all tiers. Change the one of “%s” instead.",
                    main[0].program_id.name,
                )
            )

    def _choose(self, grade):
        """The policy of a tier, else the one for all tiers."""
        of_tier = self.filtered(lambda policy: grade and policy.grade_id == grade)
        return of_tier or self.filtered(lambda policy: not policy.grade_id)

    @api.model
    def _create_missing(self):
        """Give every program its main policy, also those that are older than this add-on."""
        programs = self.env["prm.program"].with_context(active_test=False)
        with_policy = self.search([("grade_id", "=", False)]).program_id
        missing = programs.search([("id", "not in", with_policy.ids)])
        self.create([{"program_id": program.id} for program in missing])
