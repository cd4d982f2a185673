import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools import review as tier_review

MAIL_TEMPLATES = {
    "promote": "prm_partner.mail_template_tier_promoted",
    "notice": "prm_partner.mail_template_tier_at_risk",
    "remind": "prm_partner.mail_template_tier_reminder",
    "demote": "prm_partner.mail_template_tier_demoted",
    "recover": "prm_partner.mail_template_tier_recovered",
}


class PrmTierReviewLine(models.Model):
    _name = "prm.tier.review.line"
    _description = "Tier Review Decision"
    _order = "id desc"
    _rec_name = "membership_id"

    review_id = fields.Many2one(
        "prm.tier.review", required=True, index=True, ondelete="restrict", readonly=True
    )
    program_id = fields.Many2one(related="review_id.program_id")
    company_id = fields.Many2one(related="review_id.company_id")
    date = fields.Date(related="review_id.date", store=True)
    # It needs no index of its own: _membership_uniq begins with it.
    membership_id = fields.Many2one(
        "prm.membership", required=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(related="membership_id.partner_id")
    user_id = fields.Many2one(related="membership_id.user_id")
    grade_before_id = fields.Many2one(
        "res.partner.grade",
        string="Tier Before",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    grade_met_id = fields.Many2one(
        "res.partner.grade",
        string="Highest Tier Met",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    grade_after_id = fields.Many2one(
        "res.partner.grade",
        string="Tier After",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    decision = fields.Selection(
        [
            ("keep", "Keep"),
            ("promote", "Move up"),
            ("notice", "At risk"),
            ("remind", "Reminder"),
            ("wait", "Wait"),
            ("recover", "Safe again"),
            ("demote", "Move down"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("noted", "Noted"),
            ("applied", "Done"),
            ("pending", "To approve"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("outdated", "Outdated"),
        ],
        string="Status",
        required=True,
        readonly=True,
    )
    # A review has a line for each member: what a tier asks for is kept once, in its rules.
    rule = fields.Integer(readonly=True, export_string_translation=False)
    measured_values = fields.Json("Results", readonly=True, export_string_translation=False)
    measured = fields.Json(string="Measured Values", compute="_compute_measured")
    measured_html = fields.Html(
        string="Measured", compute="_compute_measured_html", sanitize=False
    )
    decided_by_id = fields.Many2one(
        "res.users", index="btree_not_null", readonly=True
    )
    date_decided = fields.Datetime(string="Decided On", readonly=True)
    reject_reason = fields.Char(readonly=True)
    mail_state = fields.Selection(
        [
            ("none", "No mail"),
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("no_address", "No address"),
        ],
        string="Mail",
        required=True,
        default="none",
        readonly=True,
    )

    _membership_uniq = models.UniqueIndex(
        "(membership_id, review_id)", "This review has looked at this membership already."
    )
    _pending_uniq = models.UniqueIndex(
        "(membership_id) WHERE state = 'pending'",
        "A tier change of this membership is waiting for approval already.",
    )
    _mail_idx = models.Index("(id) WHERE mail_state = 'waiting'")

    @api.depends("rule", "measured_values", "review_id.rules")
    def _compute_measured(self):
        measured = self._get_measured()
        for line in self:
            line.measured = measured[line.id]

    @api.depends("measured")
    @api.depends_context("lang")
    def _compute_measured_html(self):
        for line in self:
            line.measured_html = self.env["prm.metric"]._render_measured(
                line.measured, line.program_id.currency_id
            )

    def _get_measured(self):
        """The measured values beside what was asked for, see ``tools.review.measured``.

        :return: ``{line_id: list of dicts}``
        """
        found = {}
        for run, lines in self.grouped("review_id").items():
            rules = run.rules or []
            for line in lines:
                values = line.measured_values or []
                rule = rules[line.rule] if values else []
                found[line.id] = [
                    tier_review.measured(*pair) for pair in zip(rule, values, strict=True)
                ]
        return found

    def action_approve(self):
        """Change the tiers that wait for approval."""
        self._check_may_decide()
        for line in self:
            if line.membership_id.grade_id != line.grade_before_id:
                raise UserError(
                    self.env._(
                        "The tier of %(partner)s has been changed since the review proposed this."
                        " The next review proposes anew; reject this one.",
                        partner=line.partner_id.name,
                    )
                )
        # sudo: the right to decide was checked above; nobody writes these lines by hand.
        lines = self.sudo()
        lines._apply()
        lines._decide(state="approved", mail_state="waiting")
        lines._send_mails()

    def action_reject(self):
        """Ask for the reason, then leave the tiers as they are."""
        self._check_may_decide()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_tier_reject_action"
        )
        return {**action, "context": {"default_line_ids": self.ids}}

    def _reject(self, reason):
        """Leave the tiers as they are: not proposed again before the next regular review.

        :param str reason: for the program's staff; the partner does not see it
        """
        self._check_may_decide()
        # sudo: the right to decide was checked above; nobody writes these lines by hand.
        lines = self.sudo()
        lines._decide(state="rejected", reject_reason=reason)
        for line in lines:
            line.membership_id.write(
                {
                    "refused_grade_id": line.grade_after_id.id,
                    "refused_until": line.membership_id.next_review_date,
                }
            )

    def _decide(self, **values):
        self.write(
            {"decided_by_id": self.env.uid, "date_decided": fields.Datetime.now(), **values}
        )

    def _check_may_decide(self):
        """Only program managers decide, on what they see and what is waiting."""
        if not self.env.user.has_group("prm_partner.group_program_manager"):
            raise AccessError(self.env._("Only program managers decide on tier changes."))
        self.check_access("read")
        self.lock_for_update()
        for line in self:
            if line.state != "pending":
                raise UserError(
                    self.env._(
                        "The tier change of %(partner)s does not wait for approval any more.",
                        partner=line.partner_id.name,
                    )
                )

    def _proposes(self, decision, grade_id):
        """Whether this line proposes the same change as a new decision."""
        self.ensure_one()
        return self.decision == decision and self.grade_after_id.id == (grade_id or False)

    @api.model
    def _insert(self, run, rows):
        """Write the decisions of a slice in one statement: a review has a line for each member.

        :param run: the ``prm.tier.review``
        :param rows: dicts with the values of the columns named below
        :return: ``{membership_id: line_id}``
        """
        run.flush_recordset()
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO prm_tier_review_line (
                    review_id, date, create_date, write_date, membership_id,
                    grade_before_id, grade_met_id, grade_after_id, decision, rule,
                    measured_values, state, mail_state)
                SELECT run.id, run.date, %(now)s, %(now)s, line.*
                  FROM prm_tier_review run
                 CROSS JOIN json_to_recordset(%(rows)s::json) AS line (
                       membership_id int, grade_before_id int, grade_met_id int,
                       grade_after_id int, decision varchar, rule int,
                       measured_values jsonb, state varchar, mail_state varchar)
                 WHERE run.id = %(run)s
                RETURNING membership_id, id
                """,
                now=self.env.cr.now(),
                rows=json.dumps(rows, separators=(",", ":")),
                run=run.id,
            )
        )
        run.invalidate_recordset(["line_ids"])
        return dict(found)

    def _apply(self):
        """Change the tiers as these lines say, all changes of one kind at once."""
        measured = self._get_measured()
        for (run, decision, grade), lines in self.grouped(
            lambda line: (line.review_id, line.decision, line.grade_after_id)
        ).items():
            # The price list of a tier is that of the program's company.
            memberships = lines.membership_id.with_company(run.company_id)
            memberships.with_context(tracking_disable=True)._set_tier(
                grade,
                values={line.membership_id.id: measured[line.id] for line in lines},
                kind="promotion" if decision == "promote" else "demotion",
                review=run,
            )

    @api.model
    def _get_waiting_domain(self):
        return [("mail_state", "=", "waiting")]

    @api.model
    def _count_mails(self):
        return self.search_count(self._get_waiting_domain())

    @api.model
    def _send_waiting(self, limit):
        """Queue the next mails about decisions; they leave when the transaction is committed.

        :return: number of decisions that were handled
        """
        lines = self.search(self._get_waiting_domain(), order="id", limit=limit)
        lines = lines.try_lock_for_update()  # what another process sends is left to it
        lines._send_mails()
        return len(lines)

    def _send_mails(self):
        for decision, lines in self.grouped("decision").items():
            mailed = lines.membership_id._mail_partner(MAIL_TEMPLATES[decision])
            sent = lines.filtered(lambda line, mailed=mailed: line.membership_id in mailed)
            sent.mail_state = "sent"
            (lines - sent).mail_state = "no_address"
