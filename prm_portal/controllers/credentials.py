from odoo.http import request, route

from .common import PartnerPage


class PartnerCredentials(PartnerPage):
    """Certifications of the partner's people."""

    @route(
        ["/my/credentials", "/my/credentials/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_credentials(self, page=1, **_query):
        """Credentials of the company's people, and the exams that they can take."""
        credentials = self._get_readable("prm.credential")
        certifications = request.env["prm.certification"].search([])
        values = self._get_page_values(
            "prm_credentials",
            request.env._("Credentials"),
            exams=[(exam, exam.exam_url) for exam in certifications],
            mine=self._get_own_certifications(),
            **self._get_list_values(
                credentials, [], "date_start desc, id desc", "/my/credentials", page
            ),
        )
        # sudo: somebody who has left for another company keeps the name on the old credential.
        values["people"] = {
            credential.id: credential.sudo().partner_id.name for credential in values["records"]
        }
        return request.render("prm_portal.credentials", values)

    def _get_own_certifications(self):
        """Certifications that the user holds today."""
        domain = [
            ("partner_id", "=", request.env.user.partner_id.id),
            ("state", "in", ("valid", "expiring")),
        ]
        return request.env["prm.credential"].search(domain).certification_id
