from odoo.exceptions import UserError
from odoo.http import request, route

from .common import PartnerPage

PLAN = "prm.business.plan"
ADMIN = "prm_partner.group_partner_admin"


class PartnerPlans(PartnerPage):
    """Joint business plans: read, agree, ask for changes."""

    @route(
        ["/my/plans", "/my/plans/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_plans(self, page=1, returned=None, **_query):
        """List of the plans that were proposed to the partner, those to answer first."""
        values = self._get_page_values(
            "prm_plans",
            request.env._("Business plans"),
            returned=returned,
            **self._get_list_values(
                self._get_readable(PLAN), [], "date_start desc, id desc", "/my/plans", page
            ),
        )
        return request.render("prm_portal.plans", values)

    @route("/my/plans/<int:plan_id>", type="http", auth="user", website=True, readonly=True)
    def prm_plan(self, plan_id, **_query):
        """One plan: goals, objectives with their progress, reviews, who agreed when."""
        return self._render_plan(self._get_own(PLAN, plan_id))

    @route(
        "/my/plans/<int:plan_id>/agree",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_plan_agree(self, plan_id, version=None, comment=None, **_post):
        """Agree to the version that was shown, then show the plan."""
        plan = self._get_own(PLAN, plan_id)
        try:
            with request.env.cr.savepoint():
                plan.action_agree(self._parse_version(version), comment)
        except UserError as error:
            return self._render_plan(plan, error=str(error), agree_comment=comment)
        return request.redirect(f"/my/plans/{plan.id}")

    @route(
        "/my/plans/<int:plan_id>/return",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_plan_return(self, plan_id, version=None, comment=None, **_post):
        """Ask for changes; the plan is out of sight until it is proposed again."""
        plan = self._get_own(PLAN, plan_id)
        try:
            with request.env.cr.savepoint():
                plan.action_return(comment, self._parse_version(version))
        except UserError as error:
            return self._render_plan(plan, error=str(error), return_comment=comment)
        return request.redirect("/my/plans?returned=1")

    def _parse_version(self, version):
        """The version in the form as a number; one that no plan has if it is none."""
        return int(version) if isinstance(version, str) and version.isdecimal() else 0

    def _render_plan(self, plan, error=None, **typed):
        # sudo: names only, of our people and of colleagues who may have left the company.
        plan_sudo = plan.sudo()
        can_answer = plan.state == "proposed" and request.env.user.has_group(ADMIN)
        values = self._get_page_values(
            "prm_plan",
            plan.name,
            crumbs=[(request.env._("Business plans"), "/my/plans")],
            plan=plan,
            object=plan,
            error=error,
            owner={"name": plan_sudo.user_id.name, "email": plan_sudo.user_id.email},
            contact_name=plan_sudo.contact_id.name,
            vendor_name=plan_sudo.company_id.name,
            vendor_agreed_by=plan_sudo.vendor_agreed_by_id.name,
            partner_agreed_by=plan_sudo.partner_agreed_by_id.name,
            objectives=self._search_of(plan, "prm.objective", "sequence, id"),
            reviews=self._search_of(plan, "prm.business.plan.review", "date, id"),
            can_answer=can_answer,
            can_agree=can_answer and not plan.partner_agreed_on,
            typed=typed,
        )
        response = request.render("prm_portal.plan", values)
        response.status_code = 422 if error else 200
        return response

    def _search_of(self, plan, model, order):
        """Records of the plan that the user's role sees: searched, never taken from the cache."""
        return request.env[model].search([("plan_id", "=", plan.id)], order=order)
