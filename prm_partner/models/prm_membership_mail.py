from odoo import api, fields, models

LAYOUT = "prm_partner.mail_layout"


class PrmMembership(models.Model):
    """Mails about tier and status: to the partner company and its portal administrators."""

    _inherit = "prm.membership"

    mail_lang = fields.Char(compute="_compute_mail_lang", groups="base.group_user")
    tier_mail_partner_ids = fields.Many2many(
        "res.partner",
        string="Mails about the Tier to",
        compute="_compute_tier_mail_partner_ids",
        groups="base.group_user",
    )
    keep_summary = fields.Char(
        string="Missing for the Present Tier",
        compute="_compute_keep",
        groups="base.group_user",
    )
    keep_html = fields.Html(
        string="What It Takes to Keep the Tier",
        compute="_compute_keep",
        sanitize=False,
        groups="base.group_user",
    )

    @api.depends("partner_id.lang", "company_id.partner_id.lang")
    def _compute_mail_lang(self):
        """Language of the mails; one that is not installed any more must not stop a review."""
        installed = dict(self.env["res.lang"].get_installed())
        for membership in self:
            langs = (membership.partner_id.lang, membership.company_id.partner_id.lang)
            membership.mail_lang = next((lang for lang in langs if lang in installed), False)

    @api.depends("partner_id.email")
    def _compute_tier_mail_partner_ids(self):
        domain = [
            ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
            ("all_group_ids", "in", self.env.ref("prm_partner.group_partner_admin").ids),
            ("partner_id.email", "!=", False),
        ]
        # sudo: staff may write to the partner's administrators without reading their users.
        users = self.env["res.users"].sudo().search(domain)
        admins = users.partner_id.grouped("commercial_partner_id")
        for membership in self:
            company = membership.partner_id.sudo()
            recipients = company.filtered("email") | admins.get(company, company.browse())
            membership.tier_mail_partner_ids = recipients.sudo(False)

    @api.depends("grade_id", "grace_until", "partner_id")
    @api.depends_context("lang")
    def _compute_keep(self):
        for membership, progress, error in self._iter_progress("current"):
            membership.keep_summary = error or self._tier_summary(progress)
            membership.keep_html = self.env["prm.metric"]._render_measured(
                progress["requirements"], progress["currency"]
            )

    def _mail_partner(self, template_xmlid):
        """Queue a mail to each partner that has an address, in the partner's language.

        :return: the memberships whose partner gets a mail
        """
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        reachable = self.filtered("tier_mail_partner_ids")
        if not template or not reachable:
            return self.browse()
        template.send_mail_batch(reachable.ids, email_layout_xmlid=LAYOUT)
        return reachable
