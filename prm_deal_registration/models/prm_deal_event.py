from odoo import api, fields, models
from odoo.addons.prm_partner.tools import append_only
from odoo.exceptions import UserError

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

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The log of a deal cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of a deal cannot be deleted."))

    @api.model
    def _log(self, registrations, event_type, data=None, date=None):
        """Append one event to each registration.

        :param registrations: ``prm.deal.registration``
        :param str event_type: one of the types
        :param dict data: facts to keep, the same for each, or ``{registration_id: facts}``
        :param datetime date: when it happened, by default now
        """
        last = self._get_last_hashes(registrations)
        facts = data or {}
        vals_list = []
        for registration in registrations:
            own = facts.get(registration.id, {}) if registration.id in facts else facts
            vals = self._prepare_event_vals(registration, event_type, own, date)
            vals["prev_hash"] = last.get(registration.id)
            vals["hash"] = chained_hash(vals["prev_hash"], self._get_hashed_values(vals))
            vals_list.append(vals)
        # sudo: nobody has the right to write the log; the steps of the workflow do.
        return self.sudo().create(vals_list)

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
    def _get_last_hashes(self, registrations):
        # sudo: the chain does not depend on what the user may read.
        groups = self.sudo()._read_group(
            [("registration_id", "in", registrations.ids)], ["registration_id"], ["id:max"]
        )
        # sudo: as above.
        last = self.sudo().browse([event_id for _registration, event_id in groups])
        return {event.registration_id.id: event.hash for event in last}

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
