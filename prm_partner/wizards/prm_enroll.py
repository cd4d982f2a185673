from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class PrmEnroll(models.TransientModel):
    _name = "prm.enroll"
    _description = "Enroll Partner"

    partner_id = fields.Many2one(
        "res.partner", required=True, domain=[("is_company", "=", True)]
    )
    program_id = fields.Many2one(
        "prm.program",
        required=True,
        default=lambda self: self.env.company.prm_default_program_id,
    )
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        domain="[('program_id', '=', program_id)]",
        compute="_compute_grade_id",
        store=True,
        readonly=False,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Partner Manager",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain=[("share", "=", False)],
    )
    contact_ids = fields.One2many(
        "prm.enroll.contact",
        "enroll_id",
        string="Invite to the Portal",
        compute="_compute_contact_ids",
        store=True,
        readonly=False,
    )
    next_steps = fields.Html(
        string="What Happens Next", compute="_compute_next_steps", sanitize=False
    )

    @api.depends("program_id")
    def _compute_grade_id(self):
        for wizard in self:
            wizard.grade_id = wizard.program_id and wizard.program_id._prm_tiers()[:1]

    @api.depends("program_id", "partner_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.user_id = self.env["res.company"]._prm_get_manager(
                wizard.program_id, wizard.partner_id
            )

    @api.depends("program_id", "partner_id", "grade_id", "contact_ids.role")
    def _compute_next_steps(self):
        for wizard in self:
            steps = wizard._get_next_steps() if wizard.partner_id and wizard.program_id else []
            wizard.next_steps = Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(
                Markup("<li>%s</li>") % step for step in steps
            )

    def _get_next_steps(self):
        """What the button sets off, as sentences."""
        membership = self.env["prm.membership"].new(self._prepare_membership_vals())
        # sudo: only whether somebody can sign is told.
        users = self.partner_id.sudo().child_ids.user_ids
        roles = self.env["res.partner"]._prm_role_groups()
        groups = users.all_group_ids.union(
            *(roles[contact.role] for contact in self.contact_ids if contact.role)
        )
        return [*membership._preview_begin(), *membership._preview_signers(groups)]

    @api.depends("partner_id")
    def _compute_contact_ids(self):
        for wizard in self:
            contacts = wizard.partner_id.child_ids.filtered(
                lambda child: child.type == "contact" and child.email and not child.user_ids
            )
            wizard.contact_ids = [Command.clear()] + [
                Command.create(
                    {"partner_id": contact.id, "role": self.env.company.prm_invitation_role}
                )
                for contact in contacts
            ]

    def action_enroll(self):
        """Make the membership, invite the chosen contacts, and begin it.

        :return: action that opens the membership, or that tells whose it is now
        :raise UserError: a contact cannot be invited
        :raise ValidationError: a contact belongs to another company
        """
        self.ensure_one()
        self._check_contacts()
        membership = self.env["prm.membership"]._enroll(self._prepare_membership_vals())
        # Before the beginning, which mails the agreements to those who can sign.
        for contact in self.contact_ids:
            contact.partner_id._prm_invite(contact.role)
        membership._begin()
        if not membership.sudo(False).has_access("read"):
            return self._get_handed_over_action()
        return {
            "type": "ir.actions.act_window",
            "res_model": "prm.membership",
            "res_id": membership.id,
            "view_mode": "form",
        }

    def _get_handed_over_action(self):
        message = self.env._(
            "%(partner)s is enrolled. %(manager)s looks after it.",
            partner=self.partner_id.name,
            manager=self.user_id.name,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_contacts(self):
        strangers = self.contact_ids.partner_id.filtered(
            lambda contact: contact.commercial_partner_id != self.partner_id
        )
        if strangers:
            raise ValidationError(
                self.env._(
                    "%(contact)s is no contact of %(company)s. Remove the contact from the list.",
                    contact=strangers[0].name,
                    company=self.partner_id.name,
                )
            )

    def _prepare_membership_vals(self):
        return {
            "partner_id": self.partner_id.id,
            "program_id": self.program_id.id,
            "grade_id": self.grade_id.id,
            "user_id": self.user_id.id,
        }
