from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Person, exam, days since it was passed.
PASSED = (
    ("anna", "sales", 95),
    ("anna", "insight", 62),
    ("carla", "sales", 210),
    ("colin", "edge", 700),
    ("erik", "edge", 320),
    ("erik", "care", 150),
    ("eva", "sales", 280),
    ("eva", "insight", 45),
    ("faye", "sales", 790),
    ("gilles", "sales", 690),
    ("henning", "sales", 400),
    ("henning", "care", 330),
    ("ilse", "sales", 820),
    ("irina", "insight", 325),
    ("ivan", "sales", 120),
    ("ivan", "edge", 30),
    ("lea", "sales", 240),
    ("marta", "edge", 760),
    ("paul", "sales", 75),
    ("sergey", "sales", 170),
    ("tessa", "insight", 430),
    ("tom", "sales", 260),
    ("tom", "edge", 12),
)
# Person, exam, days ago, right answers: too few.
FAILED = (
    ("rafael", "sales", 20, 3),
    ("colin", "insight", 9, 2),
    ("sergey", "care", 4, 3),
    ("tom", "edge", 15, 2),
)
REVOKED = ("lea", "sales", "The exam was taken by somebody else; a new attempt is welcome.")
# Course, person, slides that the person has finished.
LEARNERS = (
    ("sales", "anna", 3),
    ("sales", "ben", 2),
    ("sales", "carla", 3),
    ("sales", "rafael", 3),
    ("edge", "colin", 3),
    ("edge", "ivan", 3),
    ("edge", "irina", 1),
    ("insight", "anna", 3),
    ("insight", "colin", 2),
    ("insight", "eva", 3),
    ("care", "erik", 2),
    ("care", "sergey", 2),
    ("care", "henning", 2),
    ("program", "anna", 3),
    ("program", "ben", 1),
    ("program", "carla", 2),
    ("program", "ivan", 3),
    ("program", "rafael", 0),
)


class PrmDemo(models.AbstractModel):
    _inherit = "prm.demo"

    @api.model
    def _load_enablement(self):
        """Learners with their progress, taken exams, and credentials in all states."""
        # Some people read Russian; no mail to them can be rendered while it is switched off.
        self.env["res.lang"]._activate_and_install_lang("ru_RU")
        self._load_learners()
        for person, exam, days, right in FAILED:
            self._take_exam(person, exam, days, right)
        requests = [
            {
                "partner": self._demo_contact(person),
                "certification": self.env.ref(f"prm_enablement.certification_{exam}"),
                "date": fields.Date.today() - timedelta(days=days),
                "user_input": self._take_exam(person, exam, days, 4 + days % 2),
            }
            for person, exam, days in PASSED
        ]
        credentials = self.env["prm.credential"]._issue(requests)
        credentials.mail_pending = False  # nobody is told about demo data
        self._revoke_one(credentials)

    def _demo_contact(self, person):
        return self.env.ref(f"prm_partner.contact_{person}")

    def _load_learners(self):
        for course, person, finished in LEARNERS:
            channel = self.env.ref(f"prm_enablement.course_{course}")
            contact = self._demo_contact(person)
            channel._action_add_members(contact)
            articles = channel.slide_content_ids.filtered(
                lambda slide: slide.slide_category == "article"
            )
            self.env["slide.slide.partner"].create(
                [
                    {"slide_id": slide.id, "partner_id": contact.id, "completed": True}
                    for slide in articles.sorted("sequence")[:finished]
                ]
            )

    def _take_exam(self, person, exam, days, right):
        """An attempt that was handed in ``days`` ago with ``right`` right answers."""
        survey = self.env.ref(f"prm_enablement.survey_{exam}")
        contact = self._demo_contact(person)
        end = datetime.combine(fields.Date.today() - timedelta(days=days), time(10, days % 60))
        attempt = self.env["survey.user_input"].create(
            {
                "survey_id": survey.id,
                "partner_id": contact.id,
                "slide_partner_id": right > 3 and self._exam_of_course(exam, contact).id,
                "email": contact.email,
                "nickname": contact.name,
                "state": "done",
                "start_datetime": end - timedelta(minutes=14),
                "end_datetime": end,
            }
        )
        for number, question in enumerate(survey.question_ids):
            answer = question.suggested_answer_ids.filtered(
                lambda one, good=number < right: one.is_correct == good
            )[:1]
            attempt._save_lines(question, str(answer.id))
        # The list of attempts is by the day of creation.
        self.env.cr.execute(
            SQL("UPDATE survey_user_input SET create_date = %s WHERE id = %s", end, attempt.id)
        )
        attempt.invalidate_recordset(["create_date"])
        return attempt

    def _exam_of_course(self, exam, contact):
        """The exam within the course, for people who attend it; passing it completes the course."""
        slide = self.env.ref(f"prm_enablement.slide_{exam}_exam")
        if contact not in slide.channel_id.partner_ids:
            return self.env["slide.slide.partner"]
        return self.env["slide.slide.partner"].create(
            {"slide_id": slide.id, "partner_id": contact.id}
        )

    def _revoke_one(self, credentials):
        person, exam, reason = REVOKED
        credentials.filtered(
            lambda credential: (
                credential.partner_id == self._demo_contact(person)
                and credential.certification_id
                == self.env.ref(f"prm_enablement.certification_{exam}")
            )
        ).action_revoke(reason)
