from odoo.exceptions import UserError
from odoo.http import request, route

from .partner import PartnerOverview

NEXT = 3


class PartnerOnboarding(PartnerOverview):
    """What is to do until the partner can start, for us and for the partner."""

    @route("/my/partner/onboarding", type="http", auth="user", website=True, readonly=True)
    def prm_onboarding(self, **_query):
        """The steps of the partner's onboarding, with those that it can mark as done."""
        return self._render_onboarding()

    @route(
        "/my/partner/onboarding/<int:task_id>/done",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_onboarding_done(self, task_id, **_post):
        """Mark a step of the partner as done, then show the list."""
        task = self._get_own("prm.onboarding.task", task_id)
        try:
            with request.env.cr.savepoint():
                task.action_done()
        except UserError as error:
            return self._render_onboarding(error=str(error))
        return request.redirect("/my/partner/onboarding")

    def _render_onboarding(self, error=None):
        company = self._get_partner_company()
        values = self._get_page_values(
            "prm_onboarding",
            request.env._("Onboarding"),
            entries=self._get_onboarding_entries(company),
            error=error,
        )
        response = request.render("prm_portal.onboarding", values)
        response.status_code = 422 if error else 200
        return response

    def _get_onboarding_entries(self, company):
        memberships = request.env["prm.membership"].search(
            [("partner_id", "=", company.id), ("state", "!=", "ended")],
            order="is_primary desc, id",
        )
        return [
            {"membership": membership, **self._get_onboarding_values(membership)}
            for membership in memberships
            if self._get_tasks(membership)
        ]

    def _get_tasks(self, membership):
        # sudo: the tasks of the partner's own memberships; the field is hidden from distributors.
        return membership.sudo().onboarding_task_ids.sudo(False)

    def _get_membership_values(self, membership, progress):
        return {
            **super()._get_membership_values(membership, progress),
            **self._get_onboarding_values(membership),
        }

    def _get_onboarding_values(self, membership):
        """Tasks of a membership as the pages show them; what was skipped is no news."""
        tasks = self._get_tasks(membership).filtered(lambda task: task.state != "skipped")
        todo = tasks.filtered(lambda task: task.state == "open")
        return {
            # sudo: how far the onboarding is is meant for the partner, not for its distributor.
            "onboarding_progress": membership.sudo().onboarding_progress,
            "onboarding_tasks": tasks,
            "onboarding_open": todo,
            "onboarding_next": todo.filtered(lambda task: task.side == "partner")[:NEXT],
        }
