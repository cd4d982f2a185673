from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..tools import account_keys
from .prm_application import OPEN_STATES

# What an approval adds to a company that is known already, where it is empty.
COMPANY_FIELDS = (
    "vat",
    "company_registry",
    "website",
    "phone",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
)


class PrmApplication(models.Model):
    """The decision on an application, and what follows from it."""

    _inherit = "prm.application"

    def action_start_review(self):
        """New → in review, by the user who presses the button unless there is a reviewer."""
        self.check_access("write")
        self._check_state(("new",))
        for application in self.sudo():  # sudo: the right to write was checked
            reviewer = application.user_id.id or self.env.uid
            application._move_to("in_review", user_id=reviewer)

    def action_approve(self):
        """Make the applicant a partner: company, contact, membership, portal access, onboarding.

        All of it is done in one transaction or not at all. Pressed twice, or by two users at once,
        it is done once. If the check for duplicates finds a company that nobody has looked at yet,
        nothing is approved, and the reviewer is shown what was found.

        :return: action that opens the membership, or that reports new duplicates
        :raise UserError: something that the approval needs is missing
        """
        self.check_access("write")
        for application in self:
            application._lock_identity()
            if application.state == "approved":
                continue
            application._check_state(OPEN_STATES)
            known = application.open_duplicate_count
            application.sudo()._detect_duplicates()  # sudo: among records of others, too
            if application.open_duplicate_count > known:
                return application._get_new_duplicate_action()
            blockers = application._get_blockers()
            if blockers:
                raise UserError("\n".join(blockers))
            application._approve()
        # The rule of the company may have given the membership to another partner manager.
        readable = len(self) == 1 and self.membership_id.has_access("read")
        return self.action_view_membership() if readable else True

    def action_reject(self, reason_id, note=None):
        """Refuse the applications; the applicants are told reason and note by mail.

        :param int reason_id: id of a ``prm.application.reason``
        :param str note: text for the applicant
        :raise UserError: decided already, or the reason is missing
        """
        self.check_access("write")
        self._lock()
        self._check_state(OPEN_STATES)
        reason = self.env["prm.application.reason"].browse(reason_id).exists()
        if not reason:
            raise UserError(self.env._("Choose a reason, which the applicant is told."))
        applications = self.sudo()  # sudo: the right to write was checked
        for application in applications:
            application._close("rejected", reason_id=reason.id, decision_note=note)
        applications._send_mail("prm_partner.mail_template_application_rejected")

    def action_withdraw(self):
        """The applicant does not want to become a partner any more; nobody gets a mail."""
        self.check_access("write")
        self._lock()
        self._check_state(OPEN_STATES)
        for application in self.sudo():  # sudo: the right to write was checked
            application._close("withdrawn")

    def action_reopen(self):
        """Take a decision back; the time for the next one starts anew.

        A partner that was approved by mistake loses the membership with its onboarding and the
        access to the portal, as long as the membership is not active yet.

        :raise UserError: not decided, or the membership is active already
        """
        self.check_access("write")
        self._check_state(("approved", "rejected", "withdrawn"))
        for application in self:
            if application.state == "approved":
                application._undo_approval()
            # sudo: the right to write was checked
            application.sudo()._move_to(
                "in_review",
                date_decided=False,
                decided_by_id=False,
                is_auto_decided=False,
                reason_id=False,
                decision_note=False,
                membership_id=False,
            )
        applications = self.sudo()  # sudo: as above
        applications._start_clock(fields.Datetime.now())
        applications._detect_duplicates()

    def _move_to(self, state, **values):
        """The one place where a step of the workflow changes the state.

        :param values: other fields to write in the same step
        """
        stage = self.env["prm.application.stage"]._first(state)
        self.write({"state": state, "stage_id": stage.id, **values})

    def _close(self, state, **values):
        self._move_to(
            state, date_decided=fields.Datetime.now(), decided_by_id=self.env.uid, **values
        )
        self.activity_unlink(["prm_partner.mail_activity_type_application"])

    def _lock(self):
        """Wait for other decisions on these applications."""
        for application in self.sorted("id"):
            application._lock_identity()

    def _lock_identity(self):
        """Wait for other decisions on the same company, so that each sees the one before."""
        names = {f"application:{self.id}"}
        names |= {
            f"application:{self.company_id.id}:{key}"
            for key in account_keys.lock_keys(self.sudo()._get_account_keys())  # sudo: keys
        }
        self.env["prm.account.lock"]._acquire(sorted(names))

    def _get_blockers(self):
        """Why this application cannot be approved now.

        :return: list of sentences, empty if it can
        """
        self.ensure_one()
        reasons = []
        if self.open_duplicate_count:
            reasons.append(
                self.env._(
                    "The applicant may be a company that we know. Decide for each of the possible"
                    " duplicates whether it is the same company."
                )
            )
        missing = self.check_ids.filtered(
            lambda check: check.required and check.state not in ("ok", "not_applicable")
        )
        if missing:
            reasons.append(
                self.env._(
                    "Due diligence is not finished: %s.", ", ".join(missing.mapped("name"))
                )
            )
        return reasons

    def _get_new_duplicate_action(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "The applicant may be a company that we know already."
                    " Look at the duplicates, then approve again."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _approve(self, **values):
        self.ensure_one()
        partner = self._make_partner()
        contact = self._make_contact(partner)
        membership = self._make_membership(partner)
        self.check_ids.sudo().membership_id = membership  # sudo: the file goes with the partner
        # sudo: the right to write was checked, or the program's rule decides.
        self.sudo()._close(
            "approved", partner_id=partner.id, membership_id=membership.id, **values
        )
        membership._mark_milestone("applied", self._get_local_date(self.date_applied))
        membership._mark_milestone("approved")
        # A conflict with another user's decision must show here, where Odoo repeats the request.
        self.env.flush_all()
        # Before the beginning, which mails the agreements to those who can sign.
        if self.role and not contact.sudo().prm_role:  # sudo: only whether there is a role
            contact.with_context(prm_mail_after_commit=True)._prm_invite(self.role)
        membership._begin()
        self.sudo()._send_mail("prm_partner.mail_template_application_approved")  # sudo: as above

    def _make_partner(self):
        """The company that the applicant was recognised as, or a new one."""
        if not self.partner_id:
            return self.env["res.partner"].create(self._prepare_partner_vals())
        partner = self.partner_id
        vals = {
            name: value
            for name, value in self._prepare_partner_vals().items()
            if name in COMPANY_FIELDS and value and not partner[name]
        }
        if partner.country_id or partner.street or partner.city:
            # Half of one address and half of another are no address.
            for name in ("street", "street2", "zip", "city", "state_id", "country_id"):
                vals.pop(name, None)
        if vals:
            partner.write(vals)
        return partner

    def _prepare_partner_vals(self):
        return {
            "name": self.name,
            "is_company": True,
            "lang": self.mail_lang,
            "user_id": self._get_reviewer().id,
            "company_id": False,
            **self._convert_to_write({name: self[name] for name in COMPANY_FIELDS}),
        }

    def _make_contact(self, partner):
        """The contact person at the company, found by the e-mail address or new."""
        email = email_normalize(self.contact_email)
        contact = self.env["res.partner"].search(
            [
                ("commercial_partner_id", "=", partner.id),
                ("is_company", "=", False),
                ("email_normalized", "=", email),
            ],
            limit=1,
        )
        return contact or contact.create(self._prepare_contact_vals(partner))

    def _prepare_contact_vals(self, partner):
        return {
            "name": self.contact_name,
            "parent_id": partner.id,
            "type": "contact",
            "email": self.contact_email,
            "phone": self.contact_phone,
            "function": self.contact_function,
            "lang": self.mail_lang,
        }

    def _make_membership(self, partner):
        # sudo: a membership of another manager is a membership, too.
        member = self.env["prm.membership"].sudo().search(
            [
                ("partner_id", "=", partner.id),
                ("program_id", "=", self.program_id.id),
                ("state", "!=", "ended"),
            ]
        )
        if member:
            raise UserError(
                self.env._(
                    "%(partner)s is a member of “%(program)s” already. Reject the application as a"
                    " duplicate, or choose another program.",
                    partner=partner.name,
                    program=self.program_id.name,
                )
            )
        return self.env["prm.membership"]._enroll(self._prepare_membership_vals(partner))

    def _prepare_membership_vals(self, partner):
        return {
            "partner_id": partner.id,
            "program_id": self.program_id.id,
            "grade_id": (self.grade_id or self.program_id._prm_tiers()[:1]).id,
            "user_id": self.env["res.company"]
            ._prm_get_manager(self.program_id, partner, self._get_reviewer())
            .id,
        }

    def _get_reviewer(self):
        """Who enrolls the partner: the reviewer, or who approves, or the program's manager."""
        person = self.env.user if self.env.uid != SUPERUSER_ID else self.program_id.user_id
        return self.user_id or person

    def _undo_approval(self):
        membership = self.membership_id
        if membership.state not in ("applicant", "onboarding"):
            raise UserError(
                self.env._(
                    "%(partner)s is a member already. End its membership instead.",
                    partner=membership.partner_id.name,
                )
            )
        membership._cancel_onboarding()
        membership.action_end()
        membership.partner_id._prm_revoke_portal()
        membership.message_post(body=self.env._("The approval of the application was taken back."))
