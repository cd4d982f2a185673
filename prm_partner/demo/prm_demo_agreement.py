import base64
import io
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from PIL import Image, ImageDraw

from odoo import api, fields, models

CONTEXT = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
# Partner agreements in force: days that are left of each.
RUNNING = {
    "reseller": {
        "northwind": 75,
        "contoso": 200,
        "elbtal": 300,
        "isarwerk": 150,
        "thames": 45,
        "garonne": 35,
        "mesa": 100,
    },
    "referral": {"fabrikam": 160, "pennine": 290, "lumiere": 25},
    "distribution": {"hansekontor": 410, "steppe": 600},
}
# Who has a portal user signs there, the others have signed on paper.
PORTAL_SIGNERS = {"northwind": "anna", "contoso": "carla", "romashka": "ivan"}
IP_ADDRESS = "192.0.2.17"
# A pen's way over the signature field, in its width and height.
STROKES = (
    ((0.05, 0.7), (0.12, 0.2), (0.18, 0.75), (0.25, 0.45), (0.3, 0.7), (0.38, 0.42), (0.45, 0.7)),
    ((0.4, 0.72), (0.55, 0.35), (0.6, 0.75), (0.7, 0.4), (0.78, 0.68), (0.95, 0.55)),
    ((0.1, 0.85), (0.5, 0.8), (0.9, 0.82)),
)


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_agreements(self):
        """Agreements in every state: to sign, to counter-sign, in force, ending, to sign again."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            return  # without documents there are no signatures
        demo = self.with_context(**CONTEXT)
        templates = {
            name: self.env.ref(f"prm_partner.agreement_template_{name}").with_context(**CONTEXT)
            for name in (*RUNNING, "conduct", "nda")
        }
        self.env["prm.agreement.template"].union(*templates.values()).action_publish()
        demo._load_running_agreements(templates)
        demo._load_pending_agreements(templates)
        demo._load_new_version(templates["conduct"])
        # Nobody shall get mail about demo data.
        self.env["mail.mail"].search([("model", "=", "prm.agreement")]).unlink()

    def _load_running_agreements(self, templates):
        today = fields.Date.today()
        for program, partners in RUNNING.items():
            template = templates[program]
            for partner, left in partners.items():
                day = today + timedelta(days=left + 1)
                day -= relativedelta(months=template.duration_months)
                agreement = self._sign_demo_agreement(template, partner, day)
                self._sign_demo_agreement(templates["conduct"], partner, day)
                if partner == "garonne":
                    agreement.action_give_notice()
        nda = self._sign_demo_agreement(templates["nda"], "isarwerk", today - timedelta(days=200))
        wizard = self.env["prm.agreement.terminate"].create(
            {"agreement_id": nda.id, "reason": self.env._("By mutual consent")}
        )
        wizard.action_terminate()

    def _load_pending_agreements(self, templates):
        """One that waits for us, and some that wait for the partner."""
        today = fields.Date.today()
        for name in ("conduct", "reseller"):
            self._sign_demo_agreement(
                templates[name], "romashka", today - timedelta(days=1), countersign=False
            )
        for template, partner, days in (
            ("referral", "ribera", 6),
            ("nda", "contoso", 2),
            ("nda", "thames", 12),
        ):
            agreement = self._new_demo_agreement(templates[template], partner)
            agreement.action_send()
            agreement.date_sent = self._get_demo_noon(today - timedelta(days=days))
            if partner == "thames":
                agreement.date_read = agreement.date_sent + timedelta(days=1)
        self._new_demo_agreement(templates["nda"], "elbtal")
        self._new_demo_agreement(templates["nda"], "mesa").action_cancel()

    def _load_new_version(self, template):
        """A second version that all sign again; one partner has done so."""
        version = self.env["prm.agreement.template"].browse(
            template.action_new_version()["res_id"]
        )
        version.action_publish()
        version.write(
            {
                "ask_again": True,
                "ask_again_until": fields.Date.today() + timedelta(days=60),
            }
        )
        agreements = self.env["prm.agreement"]
        members = self.env["prm.membership"].search(agreements._get_ask_again_domain(version))
        agreements._send_version(version, members)
        contoso = self.env.ref("prm_partner.membership_contoso")
        agreement = agreements.search(
            [("membership_id", "=", contoso.id), ("template_id", "=", version.id)]
        )
        self._sign_in_demo_portal(agreement, "carla", fields.Datetime.now())

    def _new_demo_agreement(self, template, partner):
        membership = self.env.ref(f"prm_partner.membership_{partner}")
        return self.env["prm.agreement"].create(
            {"template_id": template.id, "membership_id": membership.id}
        )

    def _sign_demo_agreement(self, template, partner, day, countersign=True):
        """An agreement of a partner, signed on a day in the past."""
        agreement = self._new_demo_agreement(template, partner)
        if partner not in PORTAL_SIGNERS:
            contact = agreement.partner_id.child_ids[:1]
            agreement._fix_text()
            pdf = agreement._print_pdf([])
            agreement._record_paper(contact.name, contact.function, day, pdf)
        else:
            agreement.action_send()
            noon = self._get_demo_noon(day)
            self._sign_in_demo_portal(agreement, PORTAL_SIGNERS[partner], noon)
            if template.countersign and countersign:
                olivia = self.env.ref("prm_partner.user_olivia")
                agreement.with_user(olivia)._countersign(
                    olivia.name, self._draw_signature(olivia.name), IP_ADDRESS, noon
                )
        agreement.date_sent = self._get_demo_noon(day - timedelta(days=2))
        return agreement

    def _sign_in_demo_portal(self, agreement, login, moment):
        user = self.env.ref(f"prm_partner.user_{login}")
        agreement.date_read = moment - timedelta(minutes=20)
        image = self._draw_signature(user.name)
        agreement.with_user(user)._sign(
            user.name, image, agreement.text_sha256, IP_ADDRESS, moment
        )

    def _get_demo_noon(self, day):
        return datetime.combine(day, time(12))

    def _draw_signature(self, name):
        """A scribble, another one for each name: PNG in base64."""
        seed = sum(map(ord, name))
        width, height = 420, 140
        picture = Image.new("RGBA", (width, height), (255, 255, 255, 0))
        pen = ImageDraw.Draw(picture)
        for stroke in STROKES:
            points = [
                (x * width, (y + ((seed * number) % 5 - 2) / 20) * height)
                for number, (x, y) in enumerate(stroke)
            ]
            pen.line(points, fill=(20, 30, 90, 255), width=4, joint="curve")
        file = io.BytesIO()
        picture.save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()
