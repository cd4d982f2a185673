from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

# What a copy has of its own, as far as it is not archived.
PARTS = {"grade_ids", "onboarding_plan_ids", "due_diligence_item_ids"}


class PrmProgram(models.Model):
    """A copy of a program is a whole program without members, also in another company."""

    _inherit = "prm.program"

    def copy(self, default=None):
        copies = super().copy(default)
        for program, copy in zip(self, copies, strict=True):
            program._copy_links_to(copy)
            if copy.company_id != program.company_id:
                copy._settle(program.agreement_template_ids)
        return copies

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for program, vals in zip(self, vals_list, strict=True):
            for name in PARTS - (default or {}).keys():
                vals[name] = [part for part in vals.get(name, ()) if part[2]["active"]]
            if vals["company_id"] != program.company_id.id:
                program._prepare_for_company(vals, default or {})
        return vals_list

    def _prepare_for_company(self, vals, given):
        """Take out of the values of a copy what its company would refuse at once."""
        for name in {"prerequisite_ids", "agreement_template_ids"} - given.keys():
            vals.pop(name, None)
        if "grade_ids" not in given:
            for _command, _id, tier in vals.get("grade_ids", ()):
                tier["company_id"] = vals["company_id"]
                tier["benefit_ids"] = [
                    benefit
                    for benefit in tier.get("benefit_ids", ())
                    if not self._is_foreign(benefit[2].get("pricelist_id"), vals["company_id"])
                ]

    @api.model
    def _is_foreign(self, pricelist_id, company_id):
        """Whether a price list is of another company; one without a company is everybody's."""
        owner = self.env["product.pricelist"].browse(pricelist_id or []).company_id
        return bool(owner) and owner.id != company_id

    def _copy_links_to(self, copy):
        """Link the parts of a copy with each other as those of this program are."""
        self.ensure_one()
        tiers = dict(zip(self.grade_ids.sorted("id"), copy.grade_ids.sorted("id"), strict=False))
        plans = zip(
            self.onboarding_plan_ids.sorted("id"),
            copy.onboarding_plan_ids.sorted("id"),
            strict=False,
        )
        for plan, new in plans:
            plan._copy_order_to(new)
            if plan.grade_id in tiers:
                new.grade_id = tiers[plan.grade_id]
            elif plan.grade_id:
                new.unlink()  # it is for an archived tier, which is not copied

    def write(self, vals):
        moved = self.browse()
        if "company_id" in vals:
            moved = self.filtered(lambda program: program.company_id.id != vals["company_id"])
        moved._check_no_members()
        templates = {program: program.agreement_template_ids for program in moved}
        if moved.agreement_template_ids:
            moved.agreement_template_ids = False
        res = super().write(vals)
        for program in moved:
            program._settle(templates[program])
        return res

    def _check_no_members(self):
        # sudo: memberships that the user cannot see hold the program in its company as well.
        programs = self.sudo().filtered("membership_ids")
        if programs:
            raise UserError(
                self.env._(
                    "“%(program)s” has members, so it stays in its company."
                    " Copy the program for the other company instead.",
                    program=programs[0].name,
                )
            )

    def _settle(self, templates):
        """Leave out what only the former company of this program has.

        :param templates: its agreements there; drafts of them are made here, to be checked
        """
        self.ensure_one()
        company = self.company_id
        if self.user_id and company not in self.user_id.company_ids:
            self.user_id = self.env.user if company in self.env.user.company_ids else False
        self._settle_tiers()
        self._settle_people()
        newest = templates.sorted("version").grouped("family_id")
        for versions in newest.values():
            version = versions[-1]
            version.copy(
                {
                    "name": version.name,
                    "company_id": company.id,
                    "program_ids": [Command.set(self.ids)],
                }
            )

    def _settle_tiers(self):
        """Tiers go along; price lists of the former company do not."""

        company_id = self.company_id.id
        tiers = self.with_context(active_test=False).grade_ids
        tiers.company_id = self.company_id
        tiers.benefit_ids.filtered(
            lambda benefit: self._is_foreign(benefit.pricelist_id.id, company_id)
        ).unlink()
        tiers.filtered(
            lambda tier: self._is_foreign(tier.default_pricelist_id.id, company_id)
        ).default_pricelist_id = False

    def _settle_people(self):
        """The work of people who are not in the company goes to whoever manages the program."""

        def is_strange(record):
            return record.user_id and self.company_id not in record.user_id.company_ids

        program = self.with_context(active_test=False)
        program.due_diligence_item_ids.filtered(is_strange).user_id = False
        program.onboarding_plan_ids.line_ids.filtered(is_strange).write(
            {"responsible": "program_manager", "user_id": False}
        )
