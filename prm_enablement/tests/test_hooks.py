from ..hooks import uninstall_hook
from .common import EnablementCase


class TestHooks(EnablementCase):
    def test_uninstall_leaves_tiers_and_groups_usable(self):
        self.env["prm.tier.requirement"].create(
            {
                "grade_id": self.gold.id,
                "metric_id": self.env.ref("prm_enablement.prm_metric_certified_people").id,
                "threshold": 2,
            }
        )
        membership = self._enroll(self.partner, self.silver)
        self._issue(self.contact)
        uninstall_hook(self.env)
        self.certification.unlink()  # no credential holds it back
        self.assertFalse(membership._tier_progress()["requirements"])
        implied = self.env.ref("prm_partner.group_program_manager").implied_ids
        self.assertNotIn(self.env.ref("survey.group_survey_user"), implied)
        self.assertIn(self.env.ref("prm_partner.group_partner_manager"), implied)
