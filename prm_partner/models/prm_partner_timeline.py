from odoo import api, fields, models
from odoo.tools import SQL


class PrmPartnerTimeline(models.Model):
    """What has happened with a partner, of all kinds and in one order.

    The steps of every record that belongs to a membership are here by themselves: its model has a
    ``membership_id`` and a tracked ``state``. For other facts an add-on extends ``_get_selects``,
    ``_selection_kind`` and ``_depends``.
    """

    _name = "prm.partner.timeline"
    _description = "Partner Timeline"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "summary"
    _depends = {
        "prm.membership": ["partner_id", "company_id", "user_id", "is_primary"],
        "prm.tier.change": [
            "membership_id", "old_grade_id", "new_grade_id", "reason_text", "kind", "date",
        ],
        "res.partner.grade": ["name"],
        "mail.message": ["model", "res_id", "date", "author_id"],
        "mail.tracking.value": ["field_id", "mail_message_id", "old_value_char", "new_value_char"],
        "mail.activity": ["res_model", "res_id", "date_done", "summary", "user_id", "active"],
    }

    kind = fields.Selection(selection="_selection_kind", readonly=True)
    date = fields.Datetime(readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    membership_id = fields.Many2one("prm.membership", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Partner Manager", readonly=True)
    author_id = fields.Many2one("res.partner", string="Done By", readonly=True)
    summary = fields.Char(readonly=True)
    note = fields.Char(readonly=True)
    res_model = fields.Char(readonly=True, export_string_translation=False)
    res_id = fields.Many2oneReference(
        model_field="res_model", readonly=True, export_string_translation=False
    )

    @api.model
    def _selection_kind(self):
        labels = {"tier": self.env._("Tier"), "activity": self.env._("Activity")}
        for model in self._get_tracked_models():
            labels[model] = self.env["ir.model"]._get(model).name
        return list(labels.items())

    @property
    def _table_query(self):
        selects = self._get_selects()
        # The id tells the kinds apart and stays the same from one query to the next.
        return SQL(" UNION ALL ").join(
            SQL(
                """SELECT fact.id::bigint * %s + %s AS id, %s AS kind, fact.date, fact.summary,
                          fact.note, fact.author_id, fact.res_model, fact.res_id,
                          membership.id AS membership_id, membership.partner_id,
                          membership.company_id, membership.user_id
                     FROM prm_membership membership
                     JOIN LATERAL (%s) fact ON TRUE""",
                len(selects),
                number,
                kind,
                select,
            )
            for number, (kind, select) in enumerate(selects.items())
        )

    @api.model
    def _get_selects(self):
        """The facts of one membership, by kind.

        :return: ``{kind: SQL}``, SELECTs of ``id``, ``date``, ``summary``, ``note``,
            ``author_id`` (``res.partner``), ``res_model`` and ``res_id`` (the record to open), of
            the row ``membership`` of ``prm_membership``; ``id`` is unique within the kind
        """
        models = self._get_tracked_models()
        return {
            "tier": self._select_tiers(),
            "activity": self._select_activities(),
            **{model: self._select_steps(model, column) for model, column in models.items()},
        }

    @api.model
    def _get_tracked_models(self):
        """The models whose steps belong to a membership.

        :return: ``{model: column with the membership's id}``, the membership itself first
        """
        others = {
            name: "membership_id"
            for name, model in sorted(self.env.items())
            if model._auto and not model.is_transient() and self._is_tracked(model)
        }
        return {"prm.membership": "id", **others}

    @api.model
    def _is_tracked(self, model):
        membership, state = model._fields.get("membership_id"), model._fields.get("state")
        return (
            membership
            and membership.store
            and membership.comodel_name == "prm.membership"
            and state
            and state.store
            and getattr(state, "tracking", False)
        )

    @api.model
    def _select_tiers(self):
        name = self.env["res.partner.grade"]._fields["name"]
        tiers = [
            SQL("COALESCE(%s, '')", name.to_sql(self.env["res.partner.grade"], alias))
            for alias in ("old_tier", "new_tier")
        ]
        return SQL(
            """SELECT change.id, change.date, %s AS summary, %s AS note,
                      author.partner_id AS author_id, 'prm.membership' AS res_model,
                      change.membership_id AS res_id
                 FROM prm_tier_change change
                 LEFT JOIN res_partner_grade old_tier ON old_tier.id = change.old_grade_id
                 LEFT JOIN res_partner_grade new_tier ON new_tier.id = change.new_grade_id
                 LEFT JOIN res_users author ON author.id = change.user_id
                WHERE change.membership_id = membership.id""",
            self._arrow(*tiers),
            self.env["prm.tier.change"]._reason_to_sql("change"),
        )

    @api.model
    def _select_steps(self, model, column):
        """The steps of the records of ``model``, as Odoo has tracked them."""
        records = self.env[model]
        name = records._fields.get(records._rec_name)
        state = self.env["ir.model.fields"]._get(model, "state")
        return SQL(
            """SELECT step.id, message.date, %(summary)s AS summary, %(note)s AS note,
                      message.author_id, message.model AS res_model, message.res_id
                 FROM %(table)s record
                 JOIN mail_message message
                   ON message.model = %(model)s AND message.res_id = record.id
                 JOIN mail_tracking_value step ON step.mail_message_id = message.id
                WHERE %(membership)s = membership.id AND step.field_id = %(field)s""",
            summary=self._arrow(
                SQL("COALESCE(step.old_value_char, '')"), SQL("COALESCE(step.new_value_char, '')")
            ),
            note=name.to_sql(records, "record")
            if name and name.store and name.type == "char"
            else SQL("NULL::varchar"),
            table=SQL.identifier(records._table),
            model=model,
            membership=SQL.identifier("record", column, to_flush=records._fields[column]),
            field=state.id,
        )

    @api.model
    def _select_activities(self):
        """Calls, meetings and other activities that were done with the partner."""
        return SQL(
            """SELECT activity.id, activity.date_done::timestamp AS date,
                      COALESCE(activity.summary, activity.res_name) AS summary,
                      NULL::varchar AS note, author.partner_id AS author_id,
                      activity.res_model, activity.res_id
                 FROM mail_activity activity
                 LEFT JOIN res_users author ON author.id = activity.user_id
                WHERE activity.date_done IS NOT NULL
                  AND (activity.res_model = 'prm.membership' AND activity.res_id = membership.id
                    OR activity.res_model = 'res.partner' AND membership.is_primary
                       AND activity.res_id = membership.partner_id)"""
        )

    @api.model
    def _arrow(self, old, new):
        """``old → new`` as text, only ``new`` where there was nothing before."""
        return SQL("CONCAT_WS(' → ', NULLIF(%s, ''), NULLIF(%s, ''))", old, new)

    def action_open(self):
        """Open the record that this line is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
