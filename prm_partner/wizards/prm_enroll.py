from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class PrmEnroll(models.TransientModel):
    _name = "prm.enroll"
    _description = "Enroll Partner"

    partner_id = fields.Many2one(
        "res.partner", required=True, domain=[("is_company", "=", True)]
    )
    program_id = fields.Many2one("prm.program", required=True)
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
        default=lambda self: self.env.user,
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

    @api.depends("program_id")
    def _compute_grade_id(self):
        for wizard in self:
            wizard.grade_id = wizard.program_id and wizard.program_id._prm_tiers()[:1]

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
        """Make the membership, invite the chosen contacts, and activate it if nothing is missing.

        :return: action that opens the membership
        :raise UserError: a contact cannot be invited
        :raise ValidationError: a contact belongs to another company
        """
        self.ensure_one()
        self._check_contacts()
        membership = self.env["prm.membership"].create(self._prepare_membership_vals())
        # Before the next step, which mails the agreements to those who can sign.
        for contact in self.contact_ids:
            contact.partner_id._prm_invite(contact.role)
        if membership._block_reasons("activation"):
            membership.action_start_onboarding()
        else:
            membership.action_activate()
        return {
            "type": "ir.actions.act_window",
            "res_model": "prm.membership",
            "res_id": membership.id,
            "view_mode": "form",
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
