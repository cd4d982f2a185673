from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from .prm_deal_registration import MONEY, STAFF

CHANGEABLE = ("date_end", "amount", "date_close", "category_id")


class PrmDealRequest(models.Model):
    """What is asked for about an approved deal: a longer protection, or another amount or scope.

    Until it is granted the deal stays as it is.
    """

    _name = "prm.deal.request"
    _description = "Deal Request"
    _inherit = ["prm.state.mixin"]
    _order = "id desc"

    registration_id = fields.Many2one(
        "prm.deal.registration", required=True, index=True, ondelete="cascade", readonly=True
    )
    # The one who asked: a deal that is handed to another partner leaves its requests behind.
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="registration_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("extension", "Extension"), ("amendment", "Amendment")], required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("granted", "Granted"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    reason = fields.Text(readonly=True)

    # What is asked for beside what is: fields that are equal on both sides stay as they are.
    date_end = fields.Date(string="Protected Until", readonly=True)
    old_date_end = fields.Date(string="Protected Until (before)", readonly=True)
    currency_id = fields.Many2one(related="registration_id.currency_id")
    amount = fields.Monetary(readonly=True, groups=MONEY)
    old_amount = fields.Monetary(string="Amount (before)", readonly=True, groups=MONEY)
    date_close = fields.Date(string="Expected Closing", readonly=True)
    old_date_close = fields.Date(string="Expected Closing (before)", readonly=True)
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    old_category_id = fields.Many2one(
        "product.category",
        string="Product Category (before)",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    summary = fields.Char(string="What", compute="_compute_summary", groups=STAFF)

    date_decided = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one(
        "res.users", index="btree_not_null", readonly=True, groups=STAFF
    )
    note = fields.Text(string="Answer to the Partner", readonly=True)

    _open_uniq = models.UniqueIndex(
        "(registration_id, kind) WHERE state = 'open'",
        "The deal has such a request already. Wait for the answer, or cancel that request first.",
    )

    @api.depends("kind", "registration_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for request in self:
            # sudo: the number of the deal that the request is about.
            deal = request.sudo().registration_id
            request.display_name = f"{deal.name or ''} · {kinds.get(request.kind, '')}"

    @api.depends("date_end", "amount", "date_close", "category_id")
    @api.depends_context("lang")
    def _compute_summary(self):
        for request in self:
            changes = request._get_changes()
            labels = request.fields_get(list(changes), ["string"])
            request.summary = "; ".join(
                f"{labels[name]['string']}: {old} → {new}" for name, (old, new) in changes.items()
            )

    def _get_changes(self):
        """What the request would change.

        :return: ``{field: (before, after)}`` as texts
        """
        self.ensure_one()
        return {
            name: (self._format(name, self[f"old_{name}"]), self._format(name, self[name]))
            for name in CHANGEABLE
            if self._differs(name)
        }

    def _differs(self, name):
        old, new = self[f"old_{name}"], self[name]
        if name == "amount":
            return bool(self.currency_id.compare_amounts(old, new))
        return old != new

    def _format(self, name, value):
        if name == "category_id":
            return value.display_name or self.env._("All products")
        if name == "amount":
            return formatLang(self.env, value, currency_obj=self.currency_id)
        return format_date(self.env, value) if value else "–"

    def action_grant(self):
        """Do what is asked for. For staff who may decide on the deal.

        :raise UserError: decided already, or another partner is in the way
        """
        self.registration_id._check_decision(("approved",))
        self._check_state(("open",))
        for request in self.sudo():  # sudo: the right to decide was checked
            request._grant()

    def action_refuse(self, note):
        """Leave the deal as it is. For staff who may decide on the deal.

        :param str note: why, for the partner
        :raise UserError: decided already, or the note is missing
        """
        self.registration_id._check_decision(("approved",))
        self._check_state(("open",))
        if not (note or "").strip():
            raise UserError(self.env._("Say why, the partner is told."))
        requests = self.sudo()  # sudo: the right to decide was checked
        requests._answer("refused", note)
        for request in requests:
            request._log("refused")
        requests._send_answer()

    def action_cancel(self):
        """Take the request back. For the partner who asked, or for staff.

        :raise UserError: decided already
        """
        self.registration_id._check_partner_action()
        self._check_state(("open",))
        self.sudo()._answer("cancelled", False)  # sudo: the right was checked

    @api.model
    def _open(self, deal, kind, reason, **values):
        """A new request about a deal, with the deal's present values beside the new ones.

        :raise UserError: one of this kind waits for an answer
        """
        if deal._get_open_requests(kind):
            raise UserError(
                self.env._("This was asked for already. Wait for the answer or cancel it.")
            )
        present = {
            "date_end": deal.date_protected_until,
            "amount": deal.amount,
            "date_close": deal.date_close,
            "category_id": deal.category_id.id,
        }
        return self.create(
            {
                "registration_id": deal.id,
                "partner_id": deal.partner_id.id,
                "kind": kind,
                "reason": reason,
                **{f"old_{name}": value for name, value in present.items()},
                **present,
                **values,
            }
        )

    def _grant(self):
        self.ensure_one()
        getattr(self.registration_id, f"_apply_{self.kind}")(self)
        self._answer("granted", False)
        self._log("granted")
        self._send_answer()

    def _grant_unanswered(self):
        """Who asked in time does not lose the protection because we did not answer.

        Where the policy does not say so, the protection ends with its last day.
        """
        for request in self:
            deal = request.registration_id
            if deal.policy_id.deemed_approval and not deal._get_extension_rivals(request.date_end):
                request._grant()

    def _answer(self, state, note):
        self.write(
            {
                "state": state,
                "note": note,
                "date_decided": fields.Datetime.now(),
                "decided_by_id": self.env.uid,
            }
        )
        self.registration_id._close_request_activities()

    def _log(self, step):
        """Note the step in the log of the deal: ``extension_granted`` and so on."""
        facts = {
            name: f"{self._to_text(self[f'old_{name}'])} → {self._to_text(self[name])}"
            for name in CHANGEABLE
            if self._differs(name)
        }
        facts |= {"reason": self.reason} if step == "asked" else {"note": self.note}
        self.env["prm.deal.event"]._log(
            self.registration_id,
            f"{self.kind}_{step}",
            {name: value for name, value in facts.items() if value},
        )

    @api.model
    def _to_text(self, value):
        """For the log, which has no language."""
        return str(value.display_name if isinstance(value, models.BaseModel) else value or "-")

    def _send_answer(self):
        requests = self.filtered(
            lambda request: (
                request.registration_id.contact_id or request.registration_id.partner_id
            ).email
        )
        template = self.env.ref(
            "prm_deal_registration.mail_template_request_answered", raise_if_not_found=False
        )
        if template and requests:
            template.send_mail_batch(requests.ids, email_layout_xmlid="prm_partner.mail_layout")
