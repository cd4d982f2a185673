import logging

import psycopg2

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .prm_application import OPEN_STATES

_logger = logging.getLogger(__name__)


class PrmApplication(models.Model):
    """Approval by the rule of the program."""

    _inherit = "prm.application"

    def _try_auto_approve(self):
        """Approve what the rule of its program approves, as far as nothing stands in the way.

        An approval that fails leaves the application to a person, with a note that says why.
        """
        # With the rights of the system: the decision is the program's, whoever caused it.
        for application in self.with_user(SUPERUSER_ID):
            if not application._matches_auto_approval():
                continue
            try:
                with self.env.cr.savepoint():
                    application._lock_identity()
                    application._approve(is_auto_decided=True)
            except (UserError, ValidationError) as error:
                application._message_log(
                    body=self.env._("It could not be approved by the rule: %s", error)
                )

    def _matches_auto_approval(self):
        self.ensure_one()
        program = self.program_id
        if not program.auto_approve_domain or self.state not in OPEN_STATES:
            return False
        if self.questionnaire_state not in ("none", "done") or self._get_blockers():
            return False
        try:
            rule = program._get_auto_approve_domain()
            if rule.is_true():
                return False  # a rule that nobody has filled in yet is no rule
            with self.env.cr.savepoint():
                return bool(self.search_count(Domain("id", "=", self.id) & rule, limit=1))
        except (ValueError, KeyError, UserError, psycopg2.Error):
            # A field of the rule went with an add-on. A person decides meanwhile.
            _logger.warning("The approval rule of program %s is broken", program.id, exc_info=True)
            return False
