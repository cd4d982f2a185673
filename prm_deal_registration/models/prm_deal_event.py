from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.addons.prm_partner.tools import append_only
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from ..tools.event_hash import chained_hash

HASHED_FIELDS = ("registration_id", "type", "user_id", "date", "data")


class PrmDealEvent(models.Model):
    _name = "prm.deal.event"
    _description = "Deal Event"
    _order = "id"
    _rec_name = "type"

    registration_id = fields.Many2one(
        "prm.deal.registration", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="registration_id.company_id", string="Company")
    type = fields.Selection(
        [
            ("submitted", "Submitted"),
            ("checked", "Conflict check"),
            ("routed", "Sent to review"),
            ("returned", "Returned"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("expired", "Expired"),
            ("won", "Won"),
            ("lost", "Lost"),
            ("reopened", "Reopened"),
            ("extension_asked", "Extension asked for"),
            ("extension_granted", "Extended"),
            ("extension_refused", "Extension refused"),
            ("milestone", "Milestone reached"),
            ("revoked", "Protection revoked"),
            ("amendment_asked", "Amendment asked for"),
            ("amendment_granted", "Amended"),
            ("amendment_refused", "Amendment refused"),
            ("transferred", "Given to another partner"),
            ("shared", "Shares changed"),
            ("took_over", "Protection taken over"),
        ],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", required=True, index=True, ondelete="restrict", readonly=True
    )
    date = fields.Datetime(required=True, readonly=True)
    data = fields.Json(readonly=True)
    data_text = fields.Char(string="Details", compute="_compute_data_text")
    prev_hash = fields.Char(string="Previous Hash", readonly=True)
    hash = fields.Char(required=True, readonly=True)

    # Two writers at once would fork the chain.
    _chain_uniq = models.UniqueIndex(
        "(registration_id, COALESCE(prev_hash, ''))",
        "Somebody else is working on this registration. Please try again.",
    )

    @api.depends("data")
    def _compute_data_text(self):
        for event in self:
            values = event.data or {}
            event.data_text = ", ".join(f"{key}: {value}" for key, value in values.items())

    def _auto_init(self):
        res = super()._auto_init()
        append_only.protect(self.env.cr, self._table)
        return res

    def init(self):
        """Logs that are older than the count on the registration are taken as they are."""
        self.env.cr.execute(
            """
            UPDATE prm_deal_registration AS deal
               SET event_count = log.count, event_hash = log.hash
              FROM (SELECT DISTINCT ON (registration_id) registration_id, hash,
                           COUNT(*) OVER (PARTITION BY registration_id) AS count
                      FROM prm_deal_event
                     ORDER BY registration_id, id DESC) AS log
             WHERE deal.event_hash IS NULL AND log.registration_id = deal.id
            """
        )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The log of a deal cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of a deal cannot be deleted."))

    @api.model
    def _log(self, registrations, event_type, data=None, date=None):
        """Append one event to each registration, all by one statement.

        :param registrations: ``prm.deal.registration``
        :param str event_type: one of the types
        :param dict data: facts to keep, the same for each, or ``{registration_id: facts}``
        :param datetime date: when it happened, by default now
        """
        facts = data or {}
        rows = []
        for deal in registrations.sudo():  # sudo: the chain goes on, whoever takes the step
            own = facts.get(deal.id, {}) if deal.id in facts else facts
            vals = self._prepare_event_vals(deal, event_type, own, date)
            vals["prev_hash"] = deal.event_hash or None
            vals["hash"] = chained_hash(vals["prev_hash"], self._get_hashed_values(vals))
            rows.append({**vals, "date": fields.Datetime.to_string(vals["date"])})
        self._append(rows)
        names = ["event_ids", "event_count", "event_hash"]
        registrations.invalidate_recordset(names, flush=False)

    @api.model
    def _prepare_event_vals(self, registration, event_type, data, date):
        return {
            "registration_id": registration.id,
            "type": event_type,
            "user_id": self.env.uid,
            "date": date or fields.Datetime.now(),
            "data": data,
        }

    @api.model
    def _append(self, rows):
        """Write events, and on their registrations how many there are and how the last one ends."""
        self.env.cr.execute(
            SQL(
                """
                WITH added AS (
                    INSERT INTO prm_deal_event (registration_id, type, user_id, date, data,
                                                prev_hash, hash, create_uid, create_date)
                    SELECT registration_id, type, user_id, date, data, prev_hash, hash,
                           user_id, now() AT TIME ZONE 'UTC'
                      FROM jsonb_to_recordset(%s) AS event (
                           registration_id integer, type text, user_id integer, date timestamp,
                           data jsonb, prev_hash text, hash text)
                    RETURNING registration_id, hash
                )
                UPDATE prm_deal_registration AS deal
                   SET event_count = COALESCE(deal.event_count, 0) + 1, event_hash = added.hash
                  FROM added
                 WHERE deal.id = added.registration_id
                """,
                Json(rows),
            )
        )

    @api.model
    def _get_hashed_values(self, vals):
        values = {name: vals[name] for name in HASHED_FIELDS}
        date = fields.Datetime.to_string(vals["date"])
        return {**values, "date": date, "data": vals["data"] or {}}

    def _verify(self):
        """Recompute the chains of these events.

        :return: the first event whose hash does not follow from it and the one before, or none
        """
        previous = {}
        for event in self.sorted("id"):
            vals = event._convert_to_write({name: event[name] for name in HASHED_FIELDS})
            expected = chained_hash(
                previous.get(event.registration_id.id), self._get_hashed_values(vals)
            )
            if event.hash != expected:
                return event
            previous[event.registration_id.id] = event.hash
        return self.browse()

    @api.model
    def _find_breaks(self, registrations):
        """Recompute the logs of registrations.

        :return: ``{registration: sentence that names the first row that is not as it was written}``
        """
        # sudo: the log is checked as a whole; who may ask was checked by the caller.
        events = self.sudo().search([("registration_id", "in", registrations.ids)], order="id")
        by_deal = events.grouped("registration_id")
        breaks = {}
        for deal in registrations.sudo():  # sudo: as above
            text = by_deal.get(deal, events.browse())._get_break(deal)
            if text:
                breaks[deal.sudo(False)] = text
        return breaks

    def _get_break(self, deal):
        """What is wrong with these events as the whole log of a deal, or None."""
        wrong = self._verify()
        if wrong:
            return self.env._(
                "Entry %(number)s of %(count)s (%(event)s) was changed or replaced, or an entry"
                " before it was deleted.",
                number=self.ids.index(wrong.id) + 1,
                count=len(self),
                event=wrong._get_label(),
            )
        if len(self) < deal.event_count:
            return self.env._(
                "The last %(missing)s entries were deleted; there is none after “%(event)s”.",
                missing=deal.event_count - len(self),
                event=self[-1:]._get_label() if self else "–",
            )
        if len(self) > deal.event_count or (self[-1:].hash or False) != deal.event_hash:
            return self.env._(
                "The last entry (%s) is not the one that was written.", self[-1:]._get_label()
            )
        return None

    def _get_label(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        return f"{labels[self.type]}, {format_datetime(self.env, self.date)}"
