from odoo import api, models
from odoo.fields import Command

from .prm_membership import OPEN_STATES


class ResPartner(models.Model):
    """What identifies a company, and its way to the first business."""

    _name = "res.partner"
    _inherit = ["res.partner", "prm.account.keys", "prm.thread.guard"]

    @api.model
    def _get_account_key_depends(self):
        return [
            "name",
            "is_company",
            "vat",
            "company_registry",
            "website",
            "email",
            "phone",
            "country_id",
            "zip",
            "street",
        ]

    def _get_account_data(self):
        return {
            # A person's name says nothing about the company.
            "name": self.name if self.is_company else None,
            "vat": self.vat,
            "registry": self.company_registry,
            "website": self.website,
            "email": self.email,
            "phone": self.phone,
            "country": self.country_id.code,
            "zip": self.zip,
            "street": self.street,
        }

    def _prm_mark_milestone(self, code, date=None):
        """Write down that these partners' companies have reached something for the first time.

        :param str code: see ``prm.membership._mark_milestone``
        :param date: the day, by default today
        """
        # sudo: the fact is noted by the system, whoever has caused it.
        memberships = self.env["prm.membership"].sudo().search(
            [("partner_id", "in", self.commercial_partner_id.ids), ("state", "in", OPEN_STATES)]
        )
        memberships._mark_milestone(code, date)

    def _prm_revoke_portal(self):
        """Take the portal roles from the people of companies that are in no program any more."""
        # sudo: memberships in companies that the user does not see count as well.
        groups = self.env["prm.membership"].sudo()._read_group(
            [("partner_id", "in", self.ids), ("state", "!=", "ended")], ["partner_id"]
        )
        members = {partner.id for [partner] in groups}
        gone = self.filtered(lambda partner: partner.id not in members)
        roles = self.env["res.groups"].union(*self._prm_role_groups().values())
        # sudo: a partner manager may not write users; only portal roles are taken here.
        users = self.env["res.users"].sudo().search(
            [("partner_id.commercial_partner_id", "in", gone.ids), ("share", "=", True)]
        )
        portal = self.env.ref("base.group_portal")  # they stay customers with a login
        users.group_ids = [Command.link(portal.id), *(Command.unlink(role.id) for role in roles)]
