"""Program, partners, invitation, exam."""

from . import exam
from .base import Partner, Story

QUESTIONS = {
    "What does Nordlicht Edge connect?": ("Machines", "Customers", "Partners"),
    "Who takes the first call of a customer?": ("The partner", "The vendor", "Nobody"),
}
ANSWERS = {question: choices[0] for question, choices in QUESTIONS.items()}
WRONG_ANSWERS = {question: choices[2] for question, choices in QUESTIONS.items()}


class Enrolment(Story):
    """Steps 1 to 3."""

    def step_01_program_with_three_tiers_and_a_commission_rule(self) -> None:
        """The program manager sets up what the partners join and what they earn."""
        tiers = (("Silver", 10), ("Gold", 20), ("Platinum", 30))
        self.program_id = self.olivia.create(
            "prm.program",
            {
                "name": f"Channel {self.run_id}",
                "code": self.run_id.upper(),
                "kind": "reseller",
                "grade_ids": [
                    [0, 0, {"name": f"{name} {self.run_id}", "sequence": sequence}]
                    for name, sequence in tiers
                ],
            },
        )
        grades = self.olivia.search(
            "res.partner.grade", [("program_id", "=", self.program_id)], "sequence"
        )
        assert [grade["sequence"] for grade in grades] == [10, 20, 30], f"three tiers: {grades}"
        self.silver_id, self.gold_id, self.platinum_id = (grade["id"] for grade in grades)
        self._require(self.gold_id, certified_people=1, deals_won=2)
        self._make_plan()

    def step_02_enrolment_and_invitation(self) -> None:
        """Two companies are enrolled; their people get a mail and set their passwords."""
        for partner in (self.ours, self.rival):
            self._enrol(partner)
            self._accept_invitation(partner)
            membership = self.olivia.read(
                "prm.membership", partner.membership_id, "state", "grade_id", "partner_id"
            )
            self._check(
                membership,
                state="active",
                grade_id=self.silver_id,
                partner_id=partner.company_id,
            )
            company = self.olivia.read("res.partner", partner.company_id, "grade_id")
            self._check(company, grade_id=self.silver_id)

    def step_03_certification_and_credential(self) -> None:
        """The contact fails the exam, then passes it: one credential, and a mail."""
        self._make_certification()
        contact = self.ours.client
        link = self._find_exam()
        exam.take(contact, link, WRONG_ANSWERS)
        assert not self._find_credentials(), "a failed exam gave a credential"
        last_page = exam.take(contact, link, ANSWERS)
        assert "Congratulations" in last_page, f"the exam was not passed: {last_page}"
        [credential] = self._find_credentials()
        self.credential_id, self.credential_number = credential["id"], credential["name"]
        self._check(credential, state="valid", company_partner_id=self.ours.company_id)
        person = self.olivia.read("res.partner", self.ours.person_id, "prm_credential_ids")
        self._check(person, prm_credential_ids=[self.credential_id])
        self._check_credential_mail()

    def _require(self, grade_id: int, **thresholds: float) -> None:
        metrics = {
            metric["code"]: metric["id"]
            for metric in self.olivia.search(
                "prm.metric", [("code", "in", list(thresholds))], "code"
            )
        }
        for code, threshold in thresholds.items():
            self.olivia.create(
                "prm.tier.requirement",
                {"grade_id": grade_id, "metric_id": metrics[code], "threshold": threshold},
            )

    def _make_plan(self) -> None:
        self.plan_id = self.olivia.create(
            "prm.commission.plan",
            {
                "name": f"Plan {self.run_id}",
                "program_id": self.program_id,
                "rule_ids": [
                    [
                        0,
                        0,
                        {
                            "name": "Eight percent of net",
                            "computation": "percent_net",
                            "trigger": "payment",
                            "rate": 8.0,
                        },
                    ]
                ],
            },
        )

    def _enrol(self, partner: Partner) -> None:
        partner.company_id = self.olivia.create(
            "res.partner",
            {
                "name": partner.company,
                "is_company": True,
                "email": f"office@{partner.domain}",
                "child_ids": [
                    [0, 0, {"name": partner.person, "email": partner.email, "type": "contact"}]
                ],
            },
        )
        [person] = self.olivia.search("res.partner", [("parent_id", "=", partner.company_id)])
        partner.person_id = person["id"]
        action = self.olivia.button("res.partner", "action_prm_enroll", partner.company_id)
        opened = self.olivia.wizard(
            "prm.enroll",
            {
                "program_id": self.program_id,
                "grade_id": self.silver_id,
                "contact_ids": [[0, 0, {"partner_id": partner.person_id, "role": "admin"}]],
            },
            "action_enroll",
            action["context"],
        )
        partner.membership_id = opened["res_id"]

    def _make_certification(self) -> None:
        survey_id = self.olivia.create(
            "survey.survey",
            {
                "title": f"Exam {self.run_id}",
                "survey_type": "assessment",
                "scoring_type": "scoring_without_answers",
                "scoring_success_min": 100,
                "certification": True,
                "users_login_required": True,
                "access_mode": "public",
                "questions_layout": "one_page",
                "question_and_page_ids": [
                    [0, 0, self._prepare_question(title, choices)]
                    for title, choices in QUESTIONS.items()
                ],
            },
        )
        survey = self.olivia.read("survey.survey", survey_id, "access_token")
        self.exam_token = survey["access_token"]
        self.certification_id = self.olivia.create(
            "prm.certification",
            {"name": f"Expert {self.run_id}", "survey_id": survey_id, "validity_months": 12},
        )

    def _find_exam(self) -> str:
        links = self.ours.client.page("/my/credentials").links(self.exam_token)
        assert len(set(links)) == 1, f"the exam is not offered once to the contact: {links}"
        return links[0]

    def _prepare_question(self, title: str, choices: tuple[str, ...]) -> dict:
        return {
            "title": title,
            "question_type": "simple_choice",
            "constr_mandatory": True,
            "suggested_answer_ids": [
                [
                    0,
                    0,
                    {
                        "value": choice,
                        "is_correct": choice == choices[0],
                        "answer_score": 10.0 if choice == choices[0] else 0.0,
                    },
                ]
                for choice in choices
            ],
        }

    def _find_credentials(self) -> list[dict]:
        return self.olivia.search(
            "prm.credential",
            [
                ("partner_id", "=", self.ours.person_id),
                ("certification_id", "=", self.certification_id),
            ],
            "name",
            "state",
            "company_partner_id",
        )

    def _check_credential_mail(self) -> None:
        self._run_job("prm_enablement.ir_cron_send_credential_mails")
        self._send_queued_mail()
        mail = self.mailbox.wait_for(self.ours.email, "", self.credential_number)
        files = [content[:4] for name, content in mail.attachments if name.endswith(".pdf")]
        assert files == [b"%PDF"], f"the certificate is not with the mail: {mail.attachments}"
