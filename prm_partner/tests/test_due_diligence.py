from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .onboarding_common import OnboardingCase


class TestDueDiligence(OnboardingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        items = cls.env["prm.due.diligence.item"]
        cls.register = items.create(
            {"name": "Register", "program_id": cls.program.id, "evidence_required": True}
        )
        cls.credit = items.create(
            {
                "name": "Credit",
                "program_id": cls.program.id,
                "required": False,
                "validity_months": 0,
            }
        )

    def _attach(self, user=None, **values):
        files = self.env["ir.attachment"].with_user(user or self.program_manager)
        return files.create({"name": "extract.txt", "raw": b"HRB 1", **values})

    def test_checklist_comes_from_the_program(self):
        application = self._apply()
        self.assertEqual(application.check_ids.mapped("name"), ["Register", "Credit"])
        application.sudo()._add_checks()
        self.assertEqual(len(application.check_ids), 2)

    def test_required_item_blocks_the_approval(self):
        application = self._apply(role=False)
        with self.assertRaisesRegex(UserError, "not finished: Register"):
            application.action_approve()
        check = application.check_ids[0]
        check.state = "failed"
        with self.assertRaisesRegex(UserError, "not finished"):
            application.action_approve()
        check.state = "not_applicable"
        application.action_approve()
        self.assertEqual(check.membership_id, application.membership_id)

    def test_evidence_is_needed_and_belongs_to_the_check(self):
        check = self._apply(user_id=self.manager.id).check_ids[0]
        with self.assertRaisesRegex(ValidationError, "Attach the evidence"):
            check.state = "ok"
        file = self._attach(self.manager)
        check.with_user(self.manager).write(
            {"attachment_ids": [Command.link(file.id)], "state": "ok"}
        )
        self.assertEqual((file.res_model, file.res_id), (check._name, check.id))
        self.assertTrue(file.with_user(self.program_manager).read(["name"]))

    def test_somebody_elses_file_is_not_taken(self):
        file = self._attach(self.other_manager)
        check = self._apply(user_id=self.manager.id).check_ids[0]
        check.sudo().with_user(self.manager).sudo().attachment_ids = file
        self.assertFalse(file.res_id)

    def test_who_and_when_is_known_by_the_system(self):
        with freeze_time("2026-03-02"):
            check = self._apply().check_ids[1]
            check.write(
                {"state": "ok", "checked_by_id": self.manager.id, "date_checked": "2020-01-01"}
            )
        self.assertEqual(check.checked_by_id, self.program_manager)
        self.assertEqual(check.date_checked, date(2026, 3, 2))
        self.assertFalse(check.date_end, "once is enough")
        check.state = "open"
        self.assertFalse(check.checked_by_id or check.date_checked)

    def test_screened_again_after_its_months(self):
        with freeze_time("2026-03-02"):
            application = self._apply(role=False, user_id=self.manager.id)
            check = application.check_ids[0]
            check.write({"attachment_ids": [Command.link(self._attach().id)], "state": "ok"})
            application.action_approve()
        self.assertEqual(check.date_end, date(2027, 3, 2))
        for day, count in (("2027-03-01", 0), ("2027-03-02", 1), ("2027-03-03", 1)):
            with freeze_time(day), self.enter_registry_test_mode():
                self.env.ref("prm_partner.ir_cron_rescreen").method_direct_trigger()
            self.assertEqual(len(check.activity_ids), count, day)
        self.assertEqual(check.activity_ids.user_id, self.manager)
        with freeze_time("2027-03-04"):
            check.action_ok()
        self.assertEqual(check.date_end, date(2028, 3, 4))
        self.assertFalse(check.activity_ids)
        with freeze_time("2028-03-05"), self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_rescreen").method_direct_trigger()
        self.assertEqual(len(check.activity_ids), 1)

    def test_nobody_screens_who_has_left(self):
        with freeze_time("2026-03-02"):
            application = self._apply(role=False)
            check = application.check_ids[0]
            check.write({"attachment_ids": [Command.link(self._attach().id)], "state": "ok"})
            application.action_approve()
            application.membership_id.action_end()
        with freeze_time("2027-05-01"), self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_rescreen").method_direct_trigger()
        self.assertFalse(check.activity_ids)

    def test_months_are_not_negative(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.register.validity_months = -1
            self.env.flush_all()
