"""An application and an onboarding plan, for the tests of what follows from them."""

from odoo.addons.mail.tests.common import MailCase
from odoo.fields import Command

from .common import PartnerCase


class OnboardingCase(PartnerCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany = cls.env.ref("base.de")
        cls.reason = cls.env.ref("prm_partner.prm_application_reason_fit")
        cls.applications = cls.env["prm.application"]

    @classmethod
    def _apply(cls, name="Newcomer", domain="newcomer.example", user=None, **values):
        return cls.applications.with_user(user or cls.program_manager).create(
            {
                "name": name,
                "website": f"https://www.{domain}",
                "contact_name": "Jo Doe",
                "contact_email": f"jo@{domain}",
                "country_id": cls.germany.id,
                "program_id": cls.program.id,
                **values,
            }
        )

    @classmethod
    def _new_plan(cls, **values):
        """Two gates, one of each side, and a step that the system sees by itself."""
        plan = cls.env["prm.onboarding.plan"].create(
            {
                "name": "Test plan",
                "program_id": cls.program.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Profile",
                            "sequence": 1,
                            "side": "partner",
                            "offset_days": 5,
                            "is_gate": True,
                        }
                    ),
                    Command.create(
                        {"name": "Kick-off", "sequence": 2, "offset_days": 10, "is_gate": True}
                    ),
                    Command.create(
                        {
                            "name": "Log in",
                            "sequence": 3,
                            "side": "partner",
                            "offset_days": 7,
                            "auto_done": "first_login",
                        }
                    ),
                ],
                **values,
            }
        )
        profile, kick_off, _login = plan.line_ids
        kick_off.after_line_id = profile
        return plan

    @classmethod
    def _onboard(cls, partner=None, user=None):
        """A membership in onboarding by ``_new_plan``.

        :return: (membership, tasks in the order of the plan)
        """
        membership = cls._enroll(partner or cls.partner, state="applicant", user=user)
        membership.action_start_onboarding()
        return membership, membership.onboarding_task_ids
