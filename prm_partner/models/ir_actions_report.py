import io

from odoo import models

from .prm_agreement_sign import REPORT


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """An agreement is printed as it was signed, not made anew."""
        if self._get_report(report_ref).report_name != REPORT or not res_ids:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        return {
            agreement.id: {"stream": io.BytesIO(agreement._get_pdf()), "attachment": None}
            for agreement in self.env["prm.agreement"].browse(res_ids)
        }

    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        """A page without scripts needs no time to run them, and runs none."""
        arguments = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if self.env.context.get("prm_static_page"):
            arguments += ["--disable-javascript", "--javascript-delay", "0"]
        return arguments
