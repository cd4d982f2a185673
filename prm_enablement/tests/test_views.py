import json

from lxml import etree

from odoo.tests import Form, tagged

from .common import EnablementCase


@tagged("post_install", "-at_install")
class TestViews(EnablementCase):
    def test_every_view_opens_for_its_readers(self):
        for user in (self.manager, self.program_manager):
            for name in ("prm_certification_action", "prm_credential_action"):
                action = self.env.ref(f"prm_enablement.{name}")
                Model = self.env[action.res_model].with_user(user)
                for kind in action.view_mode.split(","):
                    with self.subTest(user=user.login, action=name, view=kind):
                        fields = Model.get_view(view_type=kind)["models"][action.res_model]
                        self.assertTrue(fields)

    def test_colours_of_the_kanban_are_json(self):
        """The server accepts any text here, and the browser then shows an error."""
        arch = self.env["prm.credential"].get_view(view_type="kanban")["arch"]
        [progressbar] = etree.fromstring(arch).iter("progressbar")
        levels = dict(self.env["prm.certification"]._fields["level"].selection)
        self.assertEqual(json.loads(progressbar.get("colors")).keys(), levels.keys())

    def test_partner_form(self):
        self._issue(self.contact)
        for user in (self.manager, self.program_manager):
            for record in (self.partner, self.contact):
                with self.subTest(user=user.login, partner=record.name):
                    form = Form(record.with_user(user))
                    self.assertEqual(form.prm_credential_count, 1)

    def test_new_certification(self):
        form = Form(self.env["prm.certification"].with_user(self.program_manager))
        form.name = "Fresh"
        form.survey_id = self.survey
        certification = form.save()
        self.assertEqual(certification.validity_months, 24)
        self.assertTrue(certification.exam_url)

    def test_exam_results(self):
        action = self.env.ref("prm_enablement.survey_user_input_action")
        attempt = self._pass_exam(self.contact)
        trial = self._pass_exam(self.colleague, test_entry=True)
        Attempts = self.env["survey.user_input"].with_user(self.program_manager)
        found = Attempts.search(
            [("survey_id.prm_certification_ids", "!=", False), ("test_entry", "=", False)]
        )
        self.assertEqual(
            action.domain,
            "[('survey_id.prm_certification_ids', '!=', False), ('test_entry', '=', False)]",
        )
        self.assertIn(attempt, found)
        self.assertNotIn(trial, found)
