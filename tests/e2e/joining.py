"""Signature, document, first tasks, counter-signature."""

import io
import re
from datetime import date
from hashlib import sha256
from pathlib import Path

from playwright.sync_api import Locator, expect
from pypdf import PdfReader, PdfWriter

from .client import RpcError, plain
from .intake import RUSSIAN_SIGN_TASK, SIGN_TASK, Intake
from .screen import Screen

# Steps of the template's onboarding: two of the partner, two of ours.
PROFILE_TASK = "Complete the company profile"
PEOPLE_TASK = "Name your contact persons"
MEETING_TASK = "Kick-off meeting"
PRICES_TASK = "Set up price list and credit limit"
# Who signs for us.
VENDOR = "Olivia Berg"
# How a hand moves over the signature pad, in parts of its width and height.
STROKE = ((0.1, 0.7), (0.2, 0.2), (0.3, 0.8), (0.45, 0.3), (0.55, 0.7), (0.7, 0.4), (0.9, 0.6))
PAD = "canvas.o_web_sign_signature"
PAD_IS_READY = f"""() => {{
    const pad = document.querySelector("{PAD}");
    return pad && pad.width > 0 && pad.width === pad.clientWidth;
}}"""
SUBMIT = ".o_portal_sign_submit"


class Joining(Intake):
    """Steps 6 to 9."""

    def step_06_partner_signs_in_the_browser(self) -> None:
        """The contact reads the agreement in Russian, draws a signature and sends it."""
        screen = self._open_portal()
        screen.open("/my/partner", "before_signing")
        screen.page.click("#wrap [role=status] a[href*='/my/agreements/']")
        screen.check("agreement_to_sign", "#sign")
        text = plain(screen.page.inner_text("[aria-label='Текст договора']"))
        for part in (f"{self.ours.company} перепродаёт продукцию", "Срок действия: 12 месяцев."):
            assert part in text, f"“{part}” is not in the agreement: {text}"
        self.agreement_id = int(screen.page.url.rpartition("/")[2])
        screen.page.click("#sign button")
        submit = screen.page.locator(SUBMIT)
        # The dialog opens slowly, and begins with the name in a handwriting.
        screen.page.wait_for_function(PAD_IS_READY)
        expect(submit).to_be_enabled()
        screen.page.click(".o_web_sign_draw_button")
        expect(submit).to_be_disabled()
        self._draw(screen.page.locator(PAD))
        expect(submit).to_be_enabled()
        screen.shoot("signature")
        submit.click()
        screen.page.locator("#sign").wait_for(state="detached")
        screen.check("agreement_signed")
        seen = plain(screen.page.inner_text("#wrap"))
        for part in ("Подписан, ждёт нас", self.ours.person):
            assert part in seen, f"“{part}” is not on the page of the agreement: {seen}"
        screen.close()
        self._check(self._read_agreement("state", "signed_by"), state="signed")

    def step_07_signed_document(self) -> None:
        """The PDF is what was signed, to the last byte; nobody else gets it."""
        [signature] = self._find_signatures()
        self._check(signature, side="partner", name=self.ours.person, ip="127.0.0.1")
        self.signed_pdf = self._download()
        assert sha256(self.signed_pdf).hexdigest() == signature["pdf_sha256"], "another PDF"
        self._check(self._read_agreement("text_sha256"), text_sha256=signature["text_sha256"])
        action = self.olivia.button("prm.agreement", "action_verify", self.agreement_id)
        assert action["params"]["type"] == "success", action
        self._check_document(self.signed_pdf, (self.ours.person, "127.0.0.1"))
        for path in ("", "/pdf"):
            response = self.anna.get(f"/my/agreements/{self.agreement_id}{path}")
            assert response.status_code == 404, f"{path} answers {response.status_code} to others"

    def step_08_first_tasks(self) -> None:
        """Each side does its part; the partner cannot do ours, nor what happens by itself."""
        contact = self.ours.client
        self._check_task_names()
        tasks = {
            task["name"]: task["id"]
            for task in self.marc.search(
                "prm.onboarding.task", [("membership_id", "=", self.ours.membership_id)], "name"
            )
        }
        for name in (MEETING_TASK, SIGN_TASK):
            assert self._refuse_task(tasks[name]), f"the partner can do “{name}”"
        early = self._refuse(
            self.marc, "prm.onboarding.task", "action_done", tasks[MEETING_TASK]
        )
        assert f"can be done after “{PROFILE_TASK}”" in early, early
        page = contact.page("/my/partner/onboarding")
        for name in (PROFILE_TASK, PEOPLE_TASK):
            page = contact.send(page, action=f"/my/partner/onboarding/{tasks[name]}/done")
        forms = [form for form in page.document.forms if "/done" in (form.action or "")]
        assert not forms, "something is left to do for the partner"
        self.marc.button("prm.onboarding.task", "action_done", tasks[MEETING_TASK])
        self.olivia.button("prm.onboarding.task", "action_done", tasks[PRICES_TASK])
        self._check_membership(state="onboarding")
        blocked = self._refuse(
            self.marc, "prm.membership", "action_activate", self.ours.membership_id
        )
        assert blocked.endswith(f"before: {SIGN_TASK}."), blocked

    def step_09_counter_signature_activates(self) -> None:
        """Our signature closes the last gate: the membership is active by itself."""
        [signature] = self._find_signatures("image")
        self.olivia.wizard(
            "prm.agreement.countersign",
            {"agreement_id": self.agreement_id, "signature": signature["image"]},
            "action_countersign",
        )
        self._check(self._read_agreement("state"), state="in_force")
        self._check_membership(state="active", date_start=date.today().isoformat())
        self._send_queued_mail()
        mail = self._wait_for_russian_mail(f"Вступил в силу: Channel Agreement {self.run_id}", "")
        final = self._download()
        attached = [content for _name, content in mail.attachments]
        assert attached == [final], "another PDF in the mail"
        self._check_document(final, (self.ours.person, VENDOR))
        self._check_both_documents(final)
        page = self.ours.client.page("/my/partner")
        assert page.links("/my/deals/new"), f"an active partner registers no deals: {page.text}"

    def _open_portal(self) -> Screen:
        """The contact in a browser that asks for Russian."""
        return Screen(
            self.browser,
            self.base_url,
            self.ours.email,
            self.ours.password,
            1280,
            self.artefacts / "screens",
            locale="ru-RU",
        )

    def _draw(self, pad: Locator) -> None:
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        mouse = pad.page.mouse
        points = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in STROKE
        ]
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=5)
        mouse.up()

    def _read_agreement(self, *fields: str) -> dict:
        return self.olivia.read("prm.agreement", self.agreement_id, *fields)

    def _find_signatures(self, *fields: str) -> list[dict]:
        return self.olivia.search(
            "prm.agreement.signature",
            [("agreement_id", "=", self.agreement_id)],
            "side",
            "name",
            "ip",
            "text_sha256",
            "pdf_sha256",
            *fields,
        )

    def _download(self) -> bytes:
        response = self.ours.client.get(f"/my/agreements/{self.agreement_id}/pdf")
        assert response.headers["Content-Type"] == "application/pdf", response.headers
        return response.content

    def _check_document(self, pdf: bytes, words: tuple[str, ...]) -> None:
        text = self._get_text(io.BytesIO(pdf))
        for word in (self.ours.company, "Срок действия: 12 месяцев", *words):
            assert word in text, f"“{word}” is not in the document: {text}"

    def _check_both_documents(self, final: bytes) -> None:
        """Both can be read and put together, as an archive does it; the file is kept."""
        merged = PdfWriter()
        for pdf in (self.signed_pdf, final):
            merged.append(io.BytesIO(pdf))
        merged.write(self.artefacts / "agreement.pdf")
        text = self._get_text(self.artefacts / "agreement.pdf")
        names = [text.count(name) for name in (VENDOR, self.ours.person)]
        assert names == [1, 2], f"ours and the partner's signature stand {names} times in {text}"

    def _get_text(self, pdf: io.BytesIO | Path) -> str:
        return plain(" ".join(page.extract_text() for page in PdfReader(pdf).pages))

    def _check_membership(self, **expected: object) -> None:
        membership = self.marc.read("prm.membership", self.ours.membership_id, *expected)
        self._check(membership, **expected)

    def _check_task_names(self) -> None:
        """The contact reads all steps in Russian, those of the template and the added one."""
        contact = self.ours.client
        # From here on the website answers this contact in Russian.
        page = contact.page("/ru/my/partner/onboarding")
        tasks = contact.call(
            "prm.onboarding.task", "search_read", [], ["name"], context={"lang": "ru_RU"}
        )
        names = [task["name"] for task in tasks]
        assert RUSSIAN_SIGN_TASK in names, names
        for name in names:
            assert name in page.text, f"“{name}” is not among the tasks: {page.text}"
            assert not re.search("[A-Za-z]", name), f"“{name}” is not Russian"

    def _refuse_task(self, task_id: int) -> bool:
        try:
            self.ours.client.button("prm.onboarding.task", "action_done", task_id)
        except RpcError as error:
            return error.kind == "AccessError"
        return False
