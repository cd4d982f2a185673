"""Program, application, approval, invitation."""

from base64 import b64encode
from pathlib import Path

from lxml import html
from playwright.sync_api import Browser

from . import exam
from .base import PASSWORD, Partner, Story
from .client import RpcError
from .mailbox import Mail

QUESTION = "Who looks after your customers?"
CHOICES = ("A team of our own", "Somebody else")
# The text of the agreement, and the same for who reads Russian.
TEXT = (
    "<p>{{ object.partner_id.name }} resells what {{ object.company_id.name }} makes.</p>"
    "<p>It runs for {{ object.duration_months }} months.</p>"
)
RUSSIAN_TEXT = (
    "<p>{{ object.partner_id.name }} перепродаёт продукцию {{ object.company_id.name }}.</p>"
    "<p>Срок действия: {{ object.duration_months }} месяцев.</p>"
)
# What the template asks for before an approval, with a file and without.
REGISTER = "Entry in the commercial register"
SANCTIONS = "Sanctions lists"
# A step that the template does not have, and how who reads Russian reads it.
SIGN_TASK = "Sign the agreement"
RUSSIAN_SIGN_TASK = "Подпишите договор"


class Intake(Story):
    """Steps 1 to 5.

    :param browser: Chromium, for what only a browser can do
    """

    def __init__(self, base_url: str, db: str, artefacts: str | Path, browser: Browser) -> None:
        super().__init__(base_url, db, artefacts)
        self.browser = browser
        self.ours = Partner("Volga Systems", "Maria Zimina", self.run_id)
        self.marc = self._new_client().login("marc", PASSWORD)
        # Of another partner: nothing of ours is hers to see.
        self.anna = self._new_client().login("anna@northwind.example", PASSWORD)

    def step_01_program_from_template(self) -> None:
        """The program manager starts from a template and adds what her company asks for."""
        opened = self.olivia.wizard(
            "prm.program.template",
            {"template": "reseller", "name": f"Channel {self.run_id}"},
            "action_create_program",
        )
        assert opened["res_model"] == "prm.program", opened
        self.program_id = opened["res_id"]
        grades = self.olivia.search(
            "res.partner.grade", [("program_id", "=", self.program_id)], "name", "requirement_ids"
        )
        names = [grade["name"] for grade in grades]
        assert names == ["Silver", "Gold", "Platinum"], f"the tiers of the template: {names}"
        self.silver_id, self.gold_id, self.platinum_id = (grade["id"] for grade in grades)
        self._ask_for_revenue_only()
        self.olivia.write("prm.program", self.program_id, self._prepare_program())
        self._add_task()
        self._publish_agreement()

    def step_02_application_with_questionnaire(self) -> None:
        """Staff enter the application; the applicant gets mail in Russian and answers."""
        self.known_id = self.olivia.create(
            "res.partner",
            {
                "name": f"Kama Trade {self.run_id}",
                "is_company": True,
                "website": f"https://www.{self.ours.domain}",
            },
        )
        self.application_id = self.marc.create("prm.application", self._prepare_application())
        application = self._read_application("number", "state", "open_duplicate_count")
        self._check(application, state="new", open_duplicate_count=1)
        self.marc.button("prm.application", "action_start_review", self.application_id)
        self.marc.button("prm.application", "action_send_questionnaire", self.application_id)
        self._send_queued_mail()
        number = application["number"]
        self._wait_for_russian_mail(f"Мы получили вашу заявку ({number})", "")
        mail = self._wait_for_russian_mail(f"Несколько вопросов по вашей заявке ({number})", "")
        self._answer(mail)
        self._check(self._read_application("questionnaire_state"), questionnaire_state="done")
        action = self.marc.button("prm.application", "action_view_answers", self.application_id)
        answers = self.marc.page(action["url"])
        [chosen] = answers.document.xpath("//input[@checked]/ancestor::label")
        assert CHOICES[0] in chosen.text_content(), "the reviewer sees another answer"

    def step_03_duplicates(self) -> None:
        """A company with the same website, and the same application once more."""
        with_duplicates = self._refuse(
            self.marc, "prm.application", "action_approve", self.application_id
        )
        assert "may be a company that we know" in with_duplicates, with_duplicates
        [known] = self._find_duplicates(self.application_id)
        self._check(known, partner_id=self.known_id, reasons="website or e-mail domain")
        silent = self._refuse(
            self.marc, "prm.application.duplicate", "action_distinct", known["id"]
        )
        assert f"why Kama Trade {self.run_id} is another company" in silent, silent
        self.marc.write(
            "prm.application.duplicate", known["id"], {"note": "They share one website"}
        )
        self.marc.button("prm.application.duplicate", "action_distinct", known["id"])
        self._check(self._read_application("open_duplicate_count"), open_duplicate_count=0)
        again = self.olivia.create("prm.application", self._prepare_application())
        found = {
            duplicate["other_application_id"] and duplicate["other_application_id"][0]: duplicate
            for duplicate in self._find_duplicates(again)
        }
        same = found[self.application_id]
        assert "e-mail address, company name" in same["reasons"], same
        self.olivia.button("prm.application.duplicate", "action_same", same["id"])
        self._check(self.olivia.read("prm.application", again, "state"), state="withdrawn")

    def step_04_due_diligence(self) -> None:
        """Nothing is OK without the evidence that the program asks for."""
        found = self.marc.search(
            "prm.due.diligence.check",
            [("application_id", "=", self.application_id), ("required", "=", True)],
            "name",
        )
        checks = {check["name"]: check["id"] for check in found}
        waiting = self._refuse(self.marc, "prm.application", "action_approve", self.application_id)
        for name in (REGISTER, SANCTIONS):
            assert name in waiting, waiting
        missing = self._refuse(
            self.marc, "prm.due.diligence.check", "action_ok", checks[REGISTER]
        )
        assert f"Attach the evidence for “{REGISTER}”" in missing, missing
        file_id = self.marc.create(
            "ir.attachment",
            {"name": "extract.txt", "datas": b64encode(b"Volga Systems, 7 June 2019").decode()},
        )
        self.marc.write(
            "prm.due.diligence.check", checks[REGISTER], {"attachment_ids": [[4, file_id]]}
        )
        self.marc.button("prm.due.diligence.check", "action_ok", list(checks.values()))
        for check_id in checks.values():
            check = self.marc.read("prm.due.diligence.check", check_id, "state", "checked_by_id")
            self._check(check, state="ok", checked_by_id=self.marc.user_id)

    def step_05_approval_and_invitation(self) -> None:
        """One button makes partner, contact and membership; the contact logs in by its mail."""
        opened = self.marc.button("prm.application", "action_approve", self.application_id)
        assert opened["res_model"] == "prm.membership", opened
        self.ours.membership_id = opened["res_id"]
        membership = self.marc.read(
            "prm.membership", self.ours.membership_id, "partner_id", "state", "grade_id", "user_id"
        )
        self._check(
            membership, state="onboarding", grade_id=self.silver_id, user_id=self.marc.user_id
        )
        self.ours.company_id = membership["partner_id"][0]
        assert self.ours.company_id != self.known_id, "the other company became the partner"
        company = self.marc.read("res.partner", self.ours.company_id, "name", "grade_id", "lang")
        self._check(company, name=self.ours.company, grade_id=self.silver_id, lang="ru_RU")
        [person] = self.marc.search(
            "res.partner", [("parent_id", "=", self.ours.company_id)], "name", "email", "lang"
        )
        self._check(person, name=self.ours.person, email=self.ours.email, lang="ru_RU")
        self.ours.person_id = person["id"]
        self._send_queued_mail()
        self._wait_for_russian_mail("Добро пожаловать в программу", RUSSIAN_SIGN_TASK)
        self._wait_for_russian_mail(f"На подпись: Channel Agreement {self.run_id}", "")
        self._accept_invitation(self.ours)

    # The program

    def _ask_for_revenue_only(self) -> None:
        """Here nobody is certified: the requirement of the template goes."""
        others = self.olivia.search(
            "prm.tier.requirement",
            [
                ("grade_id", "in", [self.gold_id, self.platinum_id]),
                ("metric_id.code", "!=", "revenue"),
            ],
            "grade_id",
        )
        assert len(others) == 2, f"the template asks for certificates as well: {others}"
        for requirement in others:
            self.olivia.write(
                "res.partner.grade",
                requirement["grade_id"][0],
                {"requirement_ids": [[2, requirement["id"]]]},
            )

    def _prepare_program(self) -> dict:
        scorecard = (("revenue", 3.0, 80000.0), ("pipeline", 1.0, 50000.0))
        return {
            "survey_id": self._make_questionnaire(),
            "unsigned_blocks_activation": True,
            "scorecard_weight_ids": [
                [5, 0, 0],
                *(
                    [0, 0, {"metric_id": self._get_metric(code), "weight": weight, "target": full}]
                    for code, weight, full in scorecard
                ),
            ],
        }

    def _add_task(self) -> None:
        """One more gate: the agreement, signed by both."""
        [plan] = self.olivia.search(
            "prm.onboarding.plan", [("program_id", "=", self.program_id)], "line_ids"
        )
        task = {"name": SIGN_TASK, "side": "partner", "is_gate": True, "auto_done": "signed"}
        self.olivia.write("prm.onboarding.plan", plan["id"], {"line_ids": [[0, 0, task]]})
        model = "prm.onboarding.plan.line"
        [added] = self.olivia.search(
            model, [("plan_id", "=", plan["id"]), ("name", "=", SIGN_TASK)], "name"
        )
        translations = {"ru_RU": RUSSIAN_SIGN_TASK}
        self.olivia.call(model, "update_field_translations", [added["id"]], "name", translations)

    def _get_metric(self, code: str) -> int:
        [metric] = self.olivia.search("prm.metric", [("code", "=", code)], "code")
        return metric["id"]

    def _make_questionnaire(self) -> int:
        question = {
            "title": QUESTION,
            "question_type": "simple_choice",
            "constr_mandatory": True,
            "suggested_answer_ids": [[0, 0, {"value": choice}] for choice in CHOICES],
        }
        return self.olivia.create(
            "survey.survey",
            {
                "title": f"About you {self.run_id}",
                "questions_layout": "one_page",
                "question_and_page_ids": [[0, 0, question]],
            },
        )

    def _publish_agreement(self) -> None:
        template = "prm.agreement.template"
        self.template_id = self.olivia.create(
            template,
            {
                "name": f"Channel Agreement {self.run_id}",
                "program_ids": [[6, 0, [self.program_id]]],
                "countersign": True,
                "body": TEXT,
            },
        )
        translations = {"ru_RU": RUSSIAN_TEXT}
        self.olivia.call(
            template, "update_field_translations", [self.template_id], "body", translations
        )
        self.olivia.button(template, "action_publish", self.template_id)

    # The application

    def _prepare_application(self) -> dict:
        return {
            "name": self.ours.company,
            "program_id": self.program_id,
            "website": f"https://{self.ours.domain}",
            "country_id": self.admin.ref("base.kz"),
            "contact_name": self.ours.person,
            "contact_email": self.ours.email,
            "lang": "ru_RU",
        }

    def _read_application(self, *fields: str) -> dict:
        return self.marc.read("prm.application", self.application_id, *fields)

    def _find_duplicates(self, application_id: int) -> list[dict]:
        return self.olivia.search(
            "prm.application.duplicate",
            [("application_id", "=", application_id)],
            "partner_id",
            "other_application_id",
            "reasons",
        )

    def _answer(self, mail: Mail) -> None:
        address = self._get_link(mail, "/survey/")
        exam.take(self._new_client(), address, {QUESTION: CHOICES[0]})

    def _wait_for_russian_mail(self, subject: str, text: str) -> Mail:
        """The mail to the contact, all of whose sentences are Russian."""
        mail = self.mailbox.wait_for(self.ours.email, subject, text)
        words = html.fromstring(mail.html).text_content()
        english = [word for word in (" the ", " you ", " your ") if word in words.lower()]
        assert not english, f"“{mail.subject}” is not Russian throughout: {words}"
        return mail

    def _refuse(self, client, model: str, button: str, record_id: int) -> str:
        """What the server says to a user whom it does not let press a button."""
        try:
            client.button(model, button, record_id)
        except RpcError as error:
            assert error.kind in ("UserError", "ValidationError"), error
            return error.message
        raise AssertionError(f"{button} of {model} was done and should have been refused")
