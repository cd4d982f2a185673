"""Certifications, exams and people for the tests of this add-on and of those that build on it."""

from datetime import date

from odoo.addons.prm_partner.tests.common import PartnerCase
from odoo.fields import Command


class EnablementCase(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._new_exam("Test Exam")
        cls.certification = cls._new_certification("Test Certification", survey=cls.survey)
        cls.colleague = cls.env["res.partner"].create(
            {"name": "Colleague", "parent_id": cls.partner.id, "email": "colleague@a.example"}
        )

    @classmethod
    def _new_exam(cls, title, **values):
        """An exam of two questions; both right answers are needed to pass."""
        return cls.env["survey.survey"].create(
            {
                "title": title,
                "survey_type": "assessment",
                "scoring_type": "scoring_with_answers",
                "scoring_success_min": 80.0,
                "certification": True,
                "access_mode": "public",
                "users_login_required": True,
                "questions_layout": "one_page",
                "lang_ids": [Command.clear()],
                "question_and_page_ids": [
                    Command.create(
                        {
                            "title": f"Question {number}",
                            "question_type": "simple_choice",
                            "constr_mandatory": True,
                            "suggested_answer_ids": [
                                Command.create(
                                    {"value": "Right", "is_correct": True, "answer_score": 1.0}
                                ),
                                Command.create({"value": "Wrong"}),
                            ],
                        }
                    )
                    for number in (1, 2)
                ],
                **values,
            }
        )

    @classmethod
    def _new_certification(cls, name, **values):
        survey = values.pop("survey", None)
        return cls.env["prm.certification"].create(
            {
                "name": name,
                "validity_months": 12,
                "renewal_days": 60,
                "survey_id": survey.id if survey else False,
                **values,
            }
        )

    @classmethod
    def _new_people(cls, count, company=None):
        return cls.env["res.partner"].create(
            [
                {"name": f"Person {number}", "parent_id": (company or cls.partner).id}
                for number in range(count)
            ]
        )

    @classmethod
    def _new_attempts(cls, people, right=True, survey=None, **values):
        """Attempts of the exam with all questions answered, not yet handed in."""
        survey = survey or cls.survey
        attempts = cls.env["survey.user_input"].create(
            [
                {"survey_id": survey.id, "partner_id": person.id, "state": "in_progress", **values}
                for person in people
            ]
        )
        for attempt in attempts:
            for question in survey.question_ids:
                answer = question.suggested_answer_ids.filtered(
                    lambda suggested: suggested.is_correct == right
                )
                attempt._save_lines(question, str(answer.id))
        return attempts

    @classmethod
    def _pass_exam(cls, people, survey=None, **values):
        attempts = cls._new_attempts(people, survey=survey, **values)
        attempts._mark_done()
        return attempts

    @classmethod
    def _issue(cls, person, day=None, certification=None):
        return cls.env["prm.credential"]._issue(
            [
                {
                    "partner": person,
                    "certification": certification or cls.certification,
                    "date": day or date.today(),
                }
            ]
        )

    @classmethod
    def _credentials(cls, person, certification=None):
        return cls.env["prm.credential"].search(
            [
                ("partner_id", "=", person.id),
                ("certification_id", "=", (certification or cls.certification).id),
            ]
        )
