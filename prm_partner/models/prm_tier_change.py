import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, json_default

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
    reason = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("enrolled", "Enrolled"),
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
        res = super()._auto_init()
        append_only.protect(self.env.cr, self._table)
        return res

    def _init_column(self, column_name):
        res = super()._init_column(column_name)
        if column_name == "kind":
            # A history that was begun before changes had a kind.
            self.env.cr.execute(
                "UPDATE prm_tier_change SET kind = 'enrolled' WHERE old_grade_id IS NULL"
            )
        return res

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
        :param review: the ``prm.tier.review`` that changes the tiers
        :param datetime date: when the tiers changed, by default now
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO prm_tier_change (
                    membership_id, partner_id, company_id, old_grade_id, new_grade_id, measured,
                    date, user_id, reason, kind, review_id, create_uid, create_date, write_uid,
                    write_date)
                SELECT line.*, %(date)s, %(user)s, %(reason)s, %(kind)s, %(review)s, %(user)s,
                       %(now)s, %(user)s, %(now)s
                  FROM json_to_recordset(%(rows)s::json) AS line (
                       membership_id int, partner_id int, company_id int, old_grade_id int,
                       new_grade_id int, measured jsonb)
                """,
                date=date or fields.Datetime.now(),
                user=self.env.uid,
                reason=reason,
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
