"""Taking an exam as a person does in the browser."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from lxml import html

from .client import Client

CHOICES = "//*[@data-question-type='simple_choice_radio']"


def take(contact: Client, address: str, answers: Mapping[str, str]) -> str:
    """Open the exam, begin, choose the answers on the page and hand in.

    :param address: the link to the exam
    :param answers: label of the choice by title of the question
    :return: text of the last page
    :raise AssertionError: the exam cannot be opened, or does not take the answers
    """
    page = contact.page(address)
    assert page.status == 200, f"the exam {address} answers {page.status}"
    [form] = page.document.xpath("//form[contains(@class, 'o_survey-fill-form')]")
    tokens = f"{form.get('data-survey-token')}/{form.get('data-answer-token')}"
    assert tokens in urlsplit(page.url).path, f"no attempt was begun: {page.url}"
    language = form.xpath(".//*[@name='lang_code']")
    begin = {"lang_code": language[0].value} if language else {}
    questions = _content(contact.json(f"/survey/begin/{tokens}", begin))
    sent = {**_hidden(form), **_hidden(questions), **_choose(questions, answers)}
    return _text(_content(contact.json(f"/survey/submit/{tokens}", sent)))


def _content(answer: list[dict]) -> html.HtmlElement:
    _correct, result = answer
    assert "survey_content" in result, f"the exam was not taken: {result}"
    return html.fromstring(f"<div>{result['survey_content']}</div>")


def _hidden(element: html.HtmlElement) -> dict[str, str]:
    names = ("csrf_token", "page_id", "question_id", "token")
    return {
        field.get("name"): field.get("value", "")
        for field in element.xpath(".//input[@type='hidden']")
        if field.get("name") in names
    }


def _choose(questions: html.HtmlElement, answers: Mapping[str, str]) -> dict[str, str]:
    chosen = {}
    for block in questions.xpath(CHOICES):
        title = next((title for title in answers if title in _text(_question(block))), None)
        assert title, f"no answer is known for “{_text(_question(block))}”"
        [choice] = [
            label for label in block.xpath(".//label") if _text(label).endswith(answers[title])
        ]
        chosen[block.get("data-name")] = choice.xpath(".//input/@value")[0]
    assert len(chosen) == len(answers), f"{len(chosen)} of {len(answers)} questions are there"
    return chosen


def _question(block: html.HtmlElement) -> html.HtmlElement:
    return block.xpath("ancestor::*[contains(@class, 'js_question-wrapper')]")[0]


def _text(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()
