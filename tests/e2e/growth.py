"""Revenue, tiers, what-if, news, plan, scorecard, suspension."""

from datetime import date

from .client import RpcError
from .joining import Joining

REVENUE = 40000.0
# What Platinum asks for in the what-if: less than this revenue, more than Gold asks for.
LESS = 35000.0
# The plan's target; two fifths more than there is.
TARGET = 100000.0
REASON = "The invoice of March is not paid"


class Growth(Joining):
    """Steps 10 to 16."""

    def step_10_review_promotes(self) -> None:
        """Invoices give revenue; the review moves the partner up and tells it in Russian."""
        for part in (REVENUE / 4, REVENUE * 3 / 4):
            self._invoice(part)
        self._review()
        self._check_tier(self.gold_id)
        change = self._find_changes()[-1]
        self._check(change, old_grade_id=self.silver_id, new_grade_id=self.gold_id)
        assert [line["value"] for line in change["measured"]] == [REVENUE], change
        self._send_queued_mail()
        self._wait_for_russian_mail(f"Поздравляем: Золотой, Channel {self.run_id}", "Платиновый")
        page = self.ours.client.page("/my/partner")
        assert "к уровню Платиновый" in page.text, f"no way to the next tier: {page.text}"

    def step_11_what_if(self) -> None:
        """The owner asks for less, sees who would move, applies it, and the partner moves."""
        simulation = "prm.tier.simulation"
        simulation_id = self.olivia.create(simulation, {"program_id": self.program_id})
        nothing = self._refuse(self.olivia, simulation, "action_simulate", simulation_id)
        assert "Change a threshold or points first" in nothing, nothing
        [line] = self.olivia.search(
            "prm.tier.simulation.line",
            [("simulation_id", "=", simulation_id), ("grade_id", "=", self.platinum_id)],
            "threshold_now",
        )
        assert line["threshold_now"] > REVENUE, f"Platinum is met already: {line}"
        self.olivia.write(
            simulation, simulation_id, {"line_ids": [[1, line["id"], {"threshold_new": LESS}]]}
        )
        self.olivia.button(simulation, "action_simulate", simulation_id)
        seen = self.olivia.read(
            simulation, simulation_id, "state", "member_count", "up_count", "down_count"
        )
        self._check(seen, state="simulated", member_count=1, up_count=1, down_count=0)
        [mover] = self.olivia.search(
            "prm.tier.simulation.result",
            [("simulation_id", "=", simulation_id)],
            "partner_id",
            "grade_before_id",
            "grade_after_id",
        )
        self._check(
            mover,
            partner_id=self.ours.company_id,
            grade_before_id=self.gold_id,
            grade_after_id=self.platinum_id,
        )
        self._check_tier(self.gold_id)
        self.olivia.button(simulation, "action_apply", simulation_id)
        [requirement] = self.olivia.search(
            "prm.tier.requirement", [("grade_id", "=", self.platinum_id)], "threshold"
        )
        self._check(requirement, threshold=LESS)
        self._review()
        self._check_tier(self.platinum_id)

    def step_12_announcement(self) -> None:
        """News for the tier reach its partners, in the portal and by mail, and nobody else."""
        title = f"Autumn prices {self.run_id}"
        news_id = self.olivia.create(
            "prm.announcement",
            {
                "name": title,
                "body": "<p>Ten percent less until the end of the year.</p>",
                "program_ids": [[6, 0, [self.program_id]]],
                "grade_ids": [[6, 0, [self.platinum_id]]],
                "by_mail": True,
            },
        )
        address = f"/my/announcements/{news_id}"
        contact = self.ours.client
        assert contact.page(address).status == 404, "a draft is public"
        self.olivia.button("prm.announcement", "action_publish", news_id)
        assert title in contact.page("/my/partner").text, "the news are not on the first page"
        assert "Ten percent less" in contact.page(address).text
        count = self.olivia.read("prm.announcement", news_id, "read_count", "mail_progress")
        self._check(count, read_count=1)
        self._run_job("prm_partner.ir_cron_announcements")
        self._send_queued_mail()
        mail = self.mailbox.wait_for(self.ours.email, title, "Ten percent less")
        assert address in mail.html, f"the mail does not lead to the portal: {mail.html}"
        assert self.anna.page(address).status == 404, "news of another tier can be read"
        assert title not in self.anna.page("/my/announcements").text

    def step_13_business_plan(self) -> None:
        """Proposed by us, agreed by both, measured from the first day on."""
        plan = "prm.business.plan"
        self.plan_id = self.marc.create(plan, self._prepare_plan())
        address = f"/my/plans/{self.plan_id}"
        contact = self.ours.client
        assert contact.page(address).status == 404, "a draft is public"
        self.marc.button(plan, "action_propose", self.plan_id)
        self._send_queued_mail()
        subject = f"Бизнес-план «Growth {self.run_id}» на согласование"
        mail = self._wait_for_russian_mail(subject, "/mail/view")
        assert contact.page(self._get_link(mail, "/mail/view")).url.endswith(address)
        page = contact.submit(address, {"comment": "We are in"}, action=f"{address}/agree")
        assert "Вы согласовали план" in page.text, f"the partner cannot agree: {page.text}"
        self._check(self.marc.read(plan, self.plan_id, "state"), state="proposed")
        self.marc.button(plan, "action_agree", self.plan_id)
        values = self.marc.read(
            plan, self.plan_id, "state", "progress", "partner_agreed_by_id", "vendor_agreed_by_id"
        )
        self._check(
            values,
            state="running",
            progress=100 * REVENUE / TARGET,
            partner_agreed_by_id=self.ours.person_id,
            vendor_agreed_by_id=self.marc.user_id,
        )
        page = contact.page(address)
        for text in ("Идёт", "40 000,00", "100 000,00", "40 %"):
            assert text in page.text, f"“{text}” is not on the page of the plan: {page.text}"
        assert "Between us" not in page.text, "the partner reads the internal note"
        assert self.anna.page(address).status == 404, "another partner reads the plan"

    def step_14_scorecard(self) -> None:
        """Half of the revenue asked for and no pipeline give three eighths of the points."""
        self.olivia.button("prm.program", "action_recompute_scores", self.program_id)
        membership = self.marc.read(
            "prm.membership", self.ours.membership_id, "score", "score_color", "scorecard_id"
        )
        self._check(membership, score=37.5, score_color="red")
        lines = self.marc.search(
            "prm.scorecard.line",
            [("scorecard_id", "=", membership["scorecard_id"][0])],
            "points",
            "max_points",
        )
        assert sorted((line["points"], line["max_points"]) for line in lines) == [
            (0.0, 25.0),
            (37.5, 75.0),
        ], lines
        contact = self.ours.client
        assert self._is_kept_from(contact, "prm.scorecard", "score", membership["scorecard_id"][0])
        assert self._is_kept_from(contact, "prm.membership", "score", self.ours.membership_id)

    def step_15_suspension(self) -> None:
        """The portal says why; no deal can be registered, by form or by call."""
        self.marc.wizard(
            "prm.membership.stop",
            {
                "step": "suspend",
                "membership_ids": [[6, 0, [self.ours.membership_id]]],
                "reason": REASON,
            },
            "action_stop",
        )
        self._check_membership(state="suspended")
        contact = self.ours.client
        for path in ("/my/partner", "/my/deals", "/my/deals/new"):
            assert REASON in contact.page(path).text, f"{path} does not say why"
        assert not contact.page("/my/deals/new").document.xpath("//form[.//*[@name='amount']]")
        try:
            contact.call("prm.deal.registration", "prm_register", self._prepare_deal())
        except RpcError as error:
            assert REASON in error.message, error
        else:
            raise AssertionError("a suspended partner registers a deal")

    def step_16_resumed(self) -> None:
        """What was undone is as it was before."""
        self.marc.button("prm.membership", "action_resume", self.ours.membership_id)
        self._check_membership(state="active", grade_id=self.platinum_id, state_reason=False)
        contact = self.ours.client
        assert REASON not in contact.page("/my/partner").text, "the reason still stands there"
        deal = contact.call("prm.deal.registration", "prm_register", self._prepare_deal())
        page = contact.page(f"/my/deals/{deal['id']}")
        assert f"Dnepr Works {self.run_id}" in page.text, page.text

    # Tiers

    def _invoice(self, amount: float) -> None:
        line = {"name": "Gateways", "quantity": 1, "price_unit": amount, "tax_ids": [[6, 0, []]]}
        move_id = self.finn.create(
            "account.move",
            {
                "partner_id": self.ours.company_id,
                "invoice_date": date.today().isoformat(),
                "invoice_line_ids": [[0, 0, line]],
            },
            {"default_move_type": "out_invoice"},
        )
        self.finn.button("account.move", "action_post", move_id)

    def _review(self) -> None:
        action = self.olivia.button("prm.program", "action_review_now", self.program_id)
        self._run_job("prm_partner.ir_cron_tier_review")
        review = self.olivia.read(
            "prm.tier.review", action["res_id"], "state", "reviewed_count", "promoted_count"
        )
        self._check(review, state="done", reviewed_count=1, promoted_count=1)

    def _check_tier(self, grade_id: int) -> None:
        self._check_membership(grade_id=grade_id)
        company = self.marc.read("res.partner", self.ours.company_id, "grade_id")
        self._check(company, grade_id=grade_id)

    def _find_changes(self) -> list[dict]:
        return self.marc.search(
            "prm.tier.change",
            [("membership_id", "=", self.ours.membership_id)],
            "old_grade_id",
            "new_grade_id",
            "measured",
        )

    # Plan, scorecard, deal

    def _prepare_plan(self) -> dict:
        today = date.today()
        objective = {"metric_id": self._get_metric("revenue"), "target": TARGET}
        return {
            "name": f"Growth {self.run_id}",
            "membership_id": self.ours.membership_id,
            "contact_id": self.ours.person_id,
            "date_start": today.replace(month=1, day=1).isoformat(),
            "date_end": today.replace(month=12, day=31).isoformat(),
            "internal_note": "<p>Between us</p>",
            "objective_ids": [[0, 0, objective]],
        }

    def _is_kept_from(self, client, model: str, field: str, record_id: int) -> bool:
        try:
            client.read(model, record_id, field)
        except RpcError as error:
            return error.kind == "AccessError"
        return False

    def _prepare_deal(self) -> dict[str, str]:
        return {
            "customer_name": f"Dnepr Works {self.run_id}",
            "customer_email": f"buyer@dnepr-{self.run_id}.example",
            "customer_country_id": str(self.admin.ref("base.kz")),
            "amount": "9000",
            "date_close": date.today().replace(year=date.today().year + 1, day=1).isoformat(),
            "description": "Gateways",
        }
