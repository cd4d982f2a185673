from odoo.fields import Command
from odoo.tests import tagged

from .common import PortalCase

PATH = "/my/partner/onboarding"


@tagged("post_install", "-at_install")
class TestOnboardingPages(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["prm.onboarding.plan"].create(
            {
                "name": "Plan",
                "program_id": cls.program.id,
                "line_ids": [
                    Command.create({"name": "Send your logo", "sequence": 1, "side": "partner"}),
                    Command.create({"name": "Set up prices", "sequence": 2, "side": "us"}),
                    Command.create(
                        {
                            "name": "Pass the exam",
                            "sequence": 3,
                            "side": "partner",
                            "auto_done": "first_won",
                        }
                    ),
                ],
            }
        )
        memberships = cls.env["prm.membership"].search(
            [("partner_id", "in", (cls.partner | cls.rival).ids)]
        )
        for membership in memberships:
            membership._start_plan()
        own = memberships.filtered(lambda membership: membership.partner_id == cls.partner)
        cls.logo, cls.prices, cls.exam = own.onboarding_task_ids
        cls.rival_task = (memberships - own).onboarding_task_ids[0]

    def _done(self, task):
        token = self._get_csrf_token()
        return self._post(f"{PATH}/{task.id}/done", {"csrf_token": token})

    def test_steps_and_who_may_finish_them(self):
        self._login(self.people["technical"])
        text = self._get(PATH)
        page = self._parse(text)
        for name in ("Send your logo", "Set up prices", "Pass the exam"):
            self.assertIn(name, text)
        forms = page.xpath("//form[contains(@action, '/onboarding/')]/@action")
        self.assertEqual(forms, [f"{PATH}/{self.logo.id}/done"])

    def test_done(self):
        self._login(self.people["sales"])
        self.assertIn("Send your logo", self._get("/my/partner"))
        response = self._done(self.logo)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.logo.state, "done")
        self.assertEqual(self.logo.done_by_id, self.people["sales"])
        page = self._parse(self._get(PATH))
        [bar] = page.xpath("//div[@role='progressbar']")
        self.assertEqual(bar.get("aria-valuenow"), "33")
        self.assertEqual(self._done(self.logo).status_code, 422)

    def test_what_is_ours_or_automatic_stays_open(self):
        self._login(self.people["admin"])
        for task in (self.prices, self.exam):
            with self.subTest(task=task.name):
                self.assertEqual(self._done(task).status_code, 422)
                self.assertEqual(task.state, "open")

    def test_rivals_step_does_not_exist(self):
        self._login(self.people["admin"])
        self.assertEqual(self._done(self.rival_task).status_code, 404)
        self.assertEqual(self.rival_task.state, "open")

    def test_customer_has_no_page(self):
        self._login(self.customer_user)
        self._get(PATH, 404)

    def test_without_token_nothing_happens(self):
        self._login(self.people["admin"])
        response = self._post(f"{PATH}/{self.logo.id}/done", {"x": "1"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.logo.state, "open")

    def test_no_steps(self):
        (self.logo | self.prices | self.exam).unlink()
        self._login(self.people["admin"])
        self.assertIn("nothing to do", self._get(PATH))
        self.assertNotIn(PATH, self._get("/my/partner"))

    def test_milestones_come_from_deals_and_credentials(self):
        membership = self.logo.membership_id
        clock = membership.onboarding_clock_ids
        self.assertEqual(clock.date_first_certified, self.credential.date_start)
        self.assertEqual(clock.date_first_registration, self.deal.date_protected_from)
        self.deal._win(self.env["sale.order"].new({"name": "S1"}))
        self.assertTrue(clock.date_first_won)
        self.assertEqual(self.exam.state, "done")
