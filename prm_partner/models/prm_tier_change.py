import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, json_default, sql

from ..tools import append_only


class PrmTierChange(models.Model):
    _name = "prm.tier.change"
    _description = "Tier Change"
    _order = "date desc, id desc"
    _rec_name = "new_grade_id"

    membership_id = fields.Many2one(
        "prm.membership", required=True, index=True, ondelete="restrict", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", readonly=True
    )
    old_grade_id = fields.Many2one(
        "res.partner.grade",
        string="From",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    new_grade_id = fields.Many2one(
        "res.partner.grade",
        string="To",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Changed By",
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        readonly=True,
    )
    reason = fields.Char(
        compute="_compute_reason", search="_search_reason", compute_sudo=True, readonly=True
    )
    reason_text = fields.Char(
        string="Reason Given",
        readonly=True,
        help="What somebody wrote. Empty: the kind of the change says it all.",
    )
    kind = fields.Selection(
        [
            ("enrolled", "Enrolled"),
            ("resumed", "Resumed"),
            ("promotion", "Promotion"),
            ("demotion", "Demotion"),
            ("manual", "By hand"),
            ("override", "Kept by hand"),
            ("end", "End"),
        ],
        required=True,
        default="manual",
        readonly=True,
    )
    review_id = fields.Many2one(
        "prm.tier.review",
        string="Tier Review",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        groups="base.group_user",
    )
    measured = fields.Json(
        string="Measured Values",
        readonly=True,
        groups="base.group_user",
        help="The values of the requirements at the time of the change.",
    )
    measured_html = fields.Html(
        string="Measured",
        compute="_compute_measured_html",
        sanitize=False,
        groups="base.group_user",
    )

    def _auto_init(self):
        append_only.lift(self.env.cr, self._table)
        self._rename_reason()
        res = super()._auto_init()
        append_only.protect(self.env.cr, self._table)
        return res

    def _rename_reason(self):
        """In a history of before, the column of the reasons has another name."""
        columns = sql.table_columns(self.env.cr, self._table)
        if "reason" in columns and "reason_text" not in columns:
            sql.rename_column(self.env.cr, self._table, "reason", "reason_text")

    def _init_column(self, column_name):
        res = super()._init_column(column_name)
        if column_name == "kind":
            # A history that was begun before changes had a kind.
            self.env.cr.execute(
                "UPDATE prm_tier_change SET kind = 'enrolled' WHERE old_grade_id IS NULL"
            )
        return res

    @api.depends("reason_text", "kind", "old_grade_id.name", "new_grade_id.name")
    @api.depends_context("lang")
    def _compute_reason(self):
        reasons = self._get_reasons()
        for change in self:
            tier = change.old_grade_id if change.kind == "demotion" else change.new_grade_id
            reason = reasons[change.kind] % {"tier": tier.name or ""}
            change.reason = change.reason_text or reason

    @api.model
    def _get_reasons(self):
        """The reasons that nobody has to write, in the reader's language, by kind of change."""
        return {
            "enrolled": self.env._("Enrolled"),
            "resumed": self.env._("Resumed"),
            "promotion": self.env._("Requirements of %(tier)s met"),
            "demotion": self.env._("Requirements of %(tier)s not met"),
            "manual": self.env._("Changed by hand"),
            "override": self.env._("Kept by hand"),
            "end": self.env._("Membership ended"),
        }

    @api.model
    def _search_reason(self, operator, value):
        reason = self._reason_to_sql("change")
        if operator == "in":
            condition = SQL("%s = ANY(%s)", reason, [text for text in value if text])
        elif operator == "ilike":
            condition = SQL("%s ILIKE %s", reason, f"%{sql.escape_psql(value)}%")
        else:
            return NotImplemented
        query = SQL("(SELECT change.id FROM prm_tier_change change WHERE %s)", condition)
        return [("id", "in", query)]

    @api.model
    def _reason_to_sql(self, alias):
        """``reason`` as SQL, for rows of this table under an alias."""
        tiers = self.env["res.partner.grade"]
        return SQL(
            """COALESCE(
                %(change)s.reason_text,
                REPLACE(
                    CASE %(change)s.kind %(reasons)s END,
                    %(placeholder)s,
                    COALESCE((SELECT %(name)s FROM res_partner_grade tier
                               WHERE tier.id = CASE %(change)s.kind
                                               WHEN 'demotion' THEN %(change)s.old_grade_id
                                               ELSE %(change)s.new_grade_id END), '')))""",
            change=SQL.identifier(alias),
            reasons=SQL(" ").join(
                SQL("WHEN %s THEN %s", kind, text) for kind, text in self._get_reasons().items()
            ),
            placeholder="%(tier)s",
            name=tiers._fields["name"].to_sql(tiers, "tier"),
        )

    @api.depends("measured")
    @api.depends_context("lang")
    def _compute_measured_html(self):
        for change in self:
            change.measured_html = self.env["prm.metric"]._render_measured(
                change.measured, change.membership_id.program_id.currency_id
            )

    @api.model
    def _insert(self, rows, reason, kind, review=None, date=None):
        """Write changes of one kind in one statement: a review may change many tiers at once.

        :param rows: dicts with the values of the columns that differ, named below
        :param reason: what somebody wrote, None if the kind says it all
        :param review: the ``prm.tier.review`` that changes the tiers
        :param datetime date: when the tiers changed, by default now
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO prm_tier_change (
                    membership_id, partner_id, company_id, old_grade_id, new_grade_id, measured,
                    date, user_id, reason_text, kind, review_id, create_date, write_date)
                SELECT line.*, %(date)s, %(user)s, %(reason)s, %(kind)s, %(review)s, %(now)s,
                       %(now)s
                  FROM json_to_recordset(%(rows)s::json) AS line (
                       membership_id int, partner_id int, company_id int, old_grade_id int,
                       new_grade_id int, measured jsonb)
                """,
                date=date or fields.Datetime.now(),
                user=self.env.uid,
                reason=reason or None,
                kind=kind,
                review=review and review.id,
                now=self.env.cr.now(),
                rows=json.dumps(rows, default=json_default),
            )
        )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The history of tiers cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of tiers cannot be deleted."))
