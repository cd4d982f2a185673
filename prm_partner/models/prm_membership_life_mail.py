from odoo import models

# Partners who have not begun yet are told of an end only if there is a reason to tell.
NOT_BEGUN = ("applicant", "onboarding")


class PrmMembership(models.Model):
    """The partner is told by mail that its membership is suspended, has ended or goes on."""

    _inherit = "prm.membership"

    def action_suspend(self, reason=False):
        """Active or at risk → suspended; the partner is told by mail."""
        res = super().action_suspend(reason)
        self._mail_partner("prm_partner.mail_template_membership_suspended")
        return res

    def action_end(self, reason=False):
        """End the membership today; the partner is told by mail."""
        told = self if reason else self.filtered(lambda one: one.state not in NOT_BEGUN)
        res = super().action_end(reason)
        told._mail_partner("prm_partner.mail_template_membership_ended")
        return res

    def action_resume(self):
        """Undo suspending or ending; who was told of it is told of that, too."""
        told = self.filtered(
            lambda one: one.state_reason or one._get_state_before() not in NOT_BEGUN
        )
        res = super().action_resume()
        told._mail_partner("prm_partner.mail_template_membership_resumed")
        return res

    def _get_state_before(self):
        """The status to which an undone step returns."""
        return self.ended_from if self.state == "ended" else self.suspended_from
