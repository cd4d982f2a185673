from datetime import date, timedelta

from freezegun import freeze_time

from ..models import prm_membership_contact
from .working import WorkingCase

CONTACT_METRIC = prm_membership_contact.CONTACT_METRIC
TODAY = date(2026, 11, 24)


@freeze_time(TODAY)
class TestContactCadence(WorkingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacted = cls._new_metric(CONTACT_METRIC, "count", direction="down")
        cls.program.contact_days = 30

    def _remind(self):
        self._run_cron("ir_cron_remind_contact")
        return self.membership.activity_ids

    def test_reminder_from_the_day_on(self):
        self._set(self.contacted, 29.0)
        self.assertFalse(self._remind())
        self._set(self.contacted, 30.0)
        activity = self._remind()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(activity.date_deadline, TODAY)
        self.assertFalse(self.rival_membership.activity_ids)

    def test_one_open_reminder(self):
        self._set(self.contacted, 40.0)
        first = self._remind()
        self._set(self.contacted, 41.0)
        self.assertEqual(self._remind(), first)

    def test_doing_it_is_a_touch(self):
        """Even if the metric does not know it yet."""
        self._set(self.contacted, 40.0)
        self._remind().with_user(self.manager).action_done()
        self.assertFalse(self._remind())
        with freeze_time(TODAY + timedelta(days=29)):
            self.assertFalse(self._remind())
        with freeze_time(TODAY + timedelta(days=30)):
            self.assertEqual(len(self._remind()), 1)

    def test_cadence_of_the_membership(self):
        self._set(self.contacted, 20.0)
        self.membership.write({"contact_cadence": "own", "contact_days": 14})
        self.assertEqual(len(self._remind()), 1)
        self._set(self.contacted, 99.0)
        self._set(self.contacted, 99.0, self.rival)
        self.membership.activity_ids.unlink()
        self.membership.contact_cadence = "never"
        self.assertFalse(self._remind())
        self.assertEqual(len(self.rival_membership.activity_ids), 1)

    def test_switched_off(self):
        self._set(self.contacted, 999.0)
        self.program.contact_days = 0
        self.assertFalse(self._remind())
        memberships = self.env["prm.membership"]
        looked_at = memberships.search(memberships._get_contact_domain())
        self.assertFalse(looked_at & (self.membership | self.rival_membership))

    def test_who_is_not_reminded(self):
        self._set(self.contacted, 999.0)
        for state in ("applicant", "suspended", "ended"):
            self.membership.state = state
            self.assertFalse(self._remind(), state)
        self.membership.write({"state": "active", "user_id": False})
        self.assertFalse(self._remind())

    def test_days_make_sense(self):
        for write, rule in (
            (lambda: self.program.write({"contact_days": -1}), "contact_days_check"),
            (lambda: self.membership.write({"contact_cadence": "own"}), "contact_days_check"),
        ):
            with self._assert_refused(rule):
                write()

    def test_without_the_metric(self):
        """The job says so in the log and does nothing."""
        self.contacted.active = False
        measure = f"_measure_{CONTACT_METRIC}"
        self.patch(self.registry["prm.metric"], measure, None)
        with self.assertLogs("odoo.addons.prm_partner", "WARNING"):
            self.assertFalse(self._remind())

    def test_slices(self):
        """Each member is looked at once, in as many transactions as it takes."""
        self.patch(prm_membership_contact, "SLICE", 2)
        partners = [self._new_partner(f"P{index}", f"p{index}.example")[0] for index in range(5)]
        memberships = self.membership.browse()
        for partner in partners:
            memberships |= self._enroll(partner)
            self._set(self.contacted, 50.0, partner)
        self._remind()
        for membership in memberships:
            self.assertEqual(len(membership.activity_ids), 1)
        mine = [call for call in self.asked if call[0] == CONTACT_METRIC]
        self.assertGreaterEqual(len(mine), 3)
        self.assertLessEqual(max(call[3] for call in mine), 2)

    def test_number_of_queries(self):
        def count(number):
            memberships = self.membership.browse()
            for index in range(number):
                partner = self.env["res.partner"].create(
                    {"name": f"P{index}", "is_company": True}
                )
                memberships |= self._enroll(partner)
            return self._count_queries(memberships.sudo()._filter_without_contact)

        count(1)
        self.assertEqual(count(4), count(40))
