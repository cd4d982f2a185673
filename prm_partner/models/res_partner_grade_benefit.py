from odoo import fields, models
from odoo.tools import SQL


class ResPartnerGrade(models.Model):
    """The benefits of a tier, and its price list, which follows them."""

    _inherit = "res.partner.grade"

    benefit_ids = fields.One2many(
        "prm.tier.benefit", "grade_id", string="Benefits", groups="base.group_user", copy=True
    )

    def _prm_apply_pricelist(self):
        """Make the price list of these tiers, and of their partners, that of today's benefit.

        A tier whose price list benefits all lie in the future keeps what was set by hand.
        """
        today = fields.Date.context_today(self)
        # sudo: whoever changes a benefit changes what partners get; the right was checked there.
        benefits = self.env["prm.tier.benefit"].sudo()
        domain = [("kind", "=", "pricelist"), ("grade_id", "in", self.ids)]
        begun = benefits.search(
            [*domain, "|", ("date_from", "=", False), ("date_from", "<=", today)]
        )
        running = begun.filtered(lambda one: not one.date_to or one.date_to >= today)
        pricelists = {one.grade_id: one.pricelist_id for one in running}
        for grade in begun.grade_id:
            grade._prm_change_pricelist(pricelists.get(grade, self.env["product.pricelist"]))

    def _prm_change_pricelist(self, pricelist):
        """Set the price list, also for the partners who have the old one through this tier.

        Odoo sets it only when the tier of a partner changes.
        """
        self.ensure_one()
        old = self.default_pricelist_id
        if old == pricelist:
            return
        self.default_pricelist_id = pricelist
        company = str(self.program_id.company_id.id)
        partners = self.env["res.partner"]
        partners.flush_model(["grade_id", "specific_property_product_pricelist"])
        column = SQL("COALESCE(partner.specific_property_product_pricelist, '{}')")
        value = SQL("NULLIF(%s - %s::text, '{}')", column, company)
        if pricelist:
            entry = SQL("jsonb_build_object(%s::text, %s::int)", company, pricelist.id)
            value = SQL("%s || %s", column, entry)
        # One statement for all partners of the tier; their contacts have the company's price list.
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner partner
                   SET specific_property_product_pricelist = %(value)s
                  FROM res_partner owner
                 WHERE owner.id = partner.commercial_partner_id
                   AND owner.grade_id = %(grade)s
                   AND (%(column)s ->> %(company)s)::int IS NOT DISTINCT FROM %(old)s::int
                """,
                value=value,
                column=column,
                grade=self.id,
                company=company,
                old=old.id or None,
            )
        )
        partners.invalidate_model(["specific_property_product_pricelist"])
