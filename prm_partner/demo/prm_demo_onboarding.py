from datetime import timedelta

from odoo import api, fields, models

# Days from the start of the membership to agreement, login, certificate, registration, first win.
MILESTONE_DAYS = {
    "northwind": (3, 4, 16, 31, 88),
    "contoso": (6, 9, 40, 74, 160),
    "fabrikam": (2, 2, None, 55, 140),
    "elbtal": (5, 5, 21, 28, 70),
    "isarwerk": (11, 20, 95, 131, None),
    "hansekontor": (14, 15, 44, 62, 121),
    "thames": (4, 6, 30, 49, 112),
    "pennine": (7, 12, None, None, None),
    "garonne": (9, 10, 52, 97, 190),
    "lumiere": (3, 5, None, 38, 95),
    "romashka": (5, 6, 24, 44, 101),
    "steppe": (8, 11, 58, 83, None),
    "mesa": (16, 30, None, 142, None),
}
CODES = ("signed", "first_login", "first_certified", "first_registration", "first_won")
# No mail leaves a database because of its demo data.
QUIET = {"install_mode": True, "tracking_disable": True, "mail_notify_force_send": False}


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_onboarding(self):
        """Decided applications, partners in onboarding, and the milestones of the others."""
        self._decide_demo_applications()
        self._load_demo_tasks()
        self._load_demo_milestones()

    def _get_demo_application(self, name):
        application = self.env.ref(f"prm_partner.application_{name}")
        return application.with_user(self.env.ref("prm_partner.user_olivia")).with_context(**QUIET)

    def _decide_demo_applications(self):
        reason = self.env.ref("prm_partner.prm_application_reason_fit")
        kestrel = self._get_demo_application("kestrel")
        kestrel.action_reject(reason.id, "Please apply again when you deliver to factories.")
        atlas = self._get_demo_application("atlas")
        atlas.action_withdraw()
        alpen = self._get_demo_application("alpen")
        for company in alpen.duplicate_ids[:1]:  # demo data that was uninstalled has left it
            company.action_same()
        alpen.action_approve()
        self.env["mail.mail"].search(
            [("model", "=", "prm.application"), ("res_id", "in", (kestrel | alpen).ids)]
        ).unlink()
        self._get_demo_application("savoy").check_ids[1:2].action_ok()

    def _load_demo_tasks(self):
        """Ribera has started a month ago and is late, Lumière joins a second program."""
        today = fields.Date.context_today(self)
        ribera = self.env.ref("prm_partner.membership_ribera").with_context(**QUIET)
        ribera._mark_milestone("approved", today - timedelta(days=24))
        ribera._start_plan(start=today - timedelta(days=24))
        ribera._mark_milestone("first_login", today - timedelta(days=20))
        lumiere = self.env.ref("prm_partner.membership_lumiere_reseller").with_context(**QUIET)
        lumiere.action_start_onboarding()
        lumiere.onboarding_task_ids.filtered(
            lambda task: task.responsible == "program_manager"
        ).action_done()

    def _load_demo_milestones(self):
        for name, days in MILESTONE_DAYS.items():
            membership = self.env.ref(f"prm_partner.membership_{name}")
            start = membership.date_start
            membership._mark_milestone("applied", start - timedelta(days=1 + len(name) % 4))
            membership._mark_milestone("approved", start)
            for code, offset in zip(CODES, days, strict=True):
                if offset is not None:
                    membership._mark_milestone(code, start + timedelta(days=offset))
