import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import terms
from .prm_membership import ACTIVE_STATES, OPEN_STATES

_logger = logging.getLogger(__name__)

SLICE = 100


class PrmMembership(models.Model):
    """Terms: the reminder before the last day, and what happens after it."""

    _inherit = "prm.membership"

    renewal_mode = fields.Selection(
        related="program_id.renewal_mode", groups="base.group_user"
    )
    reminded_end = fields.Date(
        string="Reminded of the End On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The last day that partner and manager were reminded of; a new one is told again.",
    )
    renewal_due = fields.Boolean(
        compute="_compute_renewal_due",
        search="_search_renewal_due",
        groups="base.group_user",
        help="The membership ends within the notice period of its program.",
    )

    _end_idx = models.Index("(date_end) WHERE state != 'ended'")

    @api.depends("date_end", "state", "program_id.renewal_notice_days")
    def _compute_renewal_due(self):
        today = fields.Date.context_today(self)
        for membership in self:
            notice = timedelta(days=membership.program_id.renewal_notice_days)
            membership.renewal_due = (
                membership.state in OPEN_STATES
                and membership.date_end
                and membership.date_end - notice <= today
            )

    def _search_renewal_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.custom(to_sql=self._renewal_due_to_sql)
        return domain if True in value else ~domain

    @api.model
    def _renewal_due_to_sql(self, model, alias, query):
        notice = SQL(
            "(SELECT renewal_notice_days FROM prm_program WHERE id = %s)",
            model._field_to_sql(alias, "program_id", query),
        )
        return SQL(
            "(%s != 'ended' AND COALESCE(%s - %s <= %s, FALSE))",
            model._field_to_sql(alias, "state", query),
            model._field_to_sql(alias, "date_end", query),
            notice,
            fields.Date.context_today(self),
        )

    def action_renew(self):
        """Begin another term after the present one.

        :raise UserError: the membership is not active, or the program gives no new term
        """
        self.check_access("write")
        self._check_state(ACTIVE_STATES)
        for membership in self:
            last_day = membership._get_renewed_end()
            if not last_day:
                raise UserError(membership._get_no_renewal_message())
            membership._renew(last_day)

    def _get_no_renewal_message(self):
        reasons = self._block_reasons("renewal")
        if reasons:
            return "\n".join(reasons)
        if not self.program_id.duration_months or not self.date_end:
            return self.env._(
                "%(membership)s has no terms to renew. Set how long memberships last in the"
                " program, or change the last day by hand.",
                membership=self.display_name,
            )
        return self.env._(
            "%(membership)s already lasts until the end of its program.",
            membership=self.display_name,
        )

    def _get_term_end(self, first_day, today):
        """Last day of the term that begins on ``first_day``, or of the one that is running.

        :return: date, False if memberships of the program have no end
        """
        months = self.program_id.duration_months
        if not months:
            return self.program_id.date_end
        last_day = terms.term_end(first_day, months)
        if last_day < today:
            last_day = terms.renewed_end(last_day, months, today)
        return min(last_day, self.program_id.date_end or last_day)

    def _get_renewed_end(self):
        """Last day after a renewal, False if there is none to be had."""
        months = self.program_id.duration_months
        if not months or not self.date_end or self._block_reasons("renewal"):
            return False
        today = fields.Date.context_today(self)
        last_day = terms.renewed_end(self.date_end, months, today)
        last_day = min(last_day, self.program_id.date_end or last_day)
        return last_day if last_day > self.date_end else False

    def _renew(self, last_day):
        self.date_end = last_day
        self._message_log(
            body=self.env._("Renewed until %(date)s.", date=format_date(self.env, last_day))
        )
        self.activity_feedback(["prm_partner.mail_activity_type_renewal"])

    @api.model
    def _cron_renew(self):
        """Renew or end what is over, remind of what will be; in slices that are committed.

        A membership that is dealt with is not found again, so that a run that is cut short goes
        on where it ended and repeats nothing. One that is refused by a rule waits for the next
        run; the log says why.
        """
        today = fields.Date.context_today(self)
        over = [("date_end", "<", today), ("state", "in", OPEN_STATES)]
        steps = [(over, "_renew_or_end"), (self._get_remind_domain(), "_remind_of_end")]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(self.search_count(domain) for domain, _step in steps))
        for domain, step in steps:
            last_id = 0
            while memberships := self.search(
                Domain(domain) & Domain("id", ">", last_id), limit=SLICE, order="id"
            ):
                last_id = memberships[-1].id
                getattr(memberships, step)()
                if not cron._commit_progress(len(memberships)):
                    return

    @api.model
    def _get_remind_domain(self):
        reminded = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IS NOT DISTINCT FROM %s",
                model._field_to_sql(alias, "reminded_end", query),
                model._field_to_sql(alias, "date_end", query),
            )
        )
        return Domain([("state", "in", ACTIVE_STATES), ("renewal_due", "=", True)]) & ~reminded

    def _renew_or_end(self):
        for membership in self:
            try:
                with self.env.cr.savepoint():
                    membership._pass_last_day()
            except UserError as error:
                _logger.warning("%s is over, and stays: %s", membership.display_name, error)

    def _pass_last_day(self):
        last_day = self._is_renewed_automatically() and self._get_renewed_end()
        if last_day:
            self._renew(last_day)
        else:
            self._end_of_term()

    def _end_of_term(self):
        reasons = self._block_reasons("renewal")
        partner = self.with_context(lang=self.partner_id.lang)
        self.action_end(
            reasons[0] if reasons else partner.env._("The membership was not renewed in time.")
        )

    def _remind_of_end(self):
        """Tell the partner by mail and the manager by an activity or a notification."""
        template = self.env.ref("prm_partner.mail_template_renewal", raise_if_not_found=False)
        if template:
            template.send_mail_batch(
                self.filtered("partner_id.email").ids,
                email_layout_xmlid="prm_partner.mail_layout",
            )
        for membership in self:
            membership.reminded_end = membership.date_end
            if membership._is_renewed_automatically():
                membership._notify_of_renewal()
            else:
                membership._schedule_renewal()

    def _is_renewed_automatically(self):
        return (
            self.state in ACTIVE_STATES
            and self.renewal_mode == "automatic"
            and bool(self._get_renewed_end())
        )

    def _notify_of_renewal(self):
        if not self.user_id:
            return
        manager = self.with_context(lang=self.user_id.lang)
        manager.message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=manager.display_name,
            body=manager.env._(
                "This membership is renewed after %(date)s unless you end it before.",
                date=format_date(manager.env, self.date_end),
            ),
        )

    def _schedule_renewal(self):
        manager = self.with_context(lang=self.user_id.lang)
        manager.activity_schedule(
            "prm_partner.mail_activity_type_renewal",
            self.date_end,
            manager.env._("Renew the membership, or let it end"),
            user_id=self.user_id.id or self.program_id.user_id.id,
        )
