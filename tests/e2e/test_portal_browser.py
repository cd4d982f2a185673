"""The portal and the main back-end screens in a browser; the pictures are kept."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.e2e.screen import Screen, Screens

ANNA, CARLA = "anna@northwind.example", "carla@contoso.example"
WIDTHS = (1280, 390)
PAGES = (
    "/my",
    "/my/partner",
    "/my/partner/people",
    "/my/deals",
    "/my/credentials",
    "/my/commissions",
    "/my/statements",
)
ADD_ONS = (
    "Partner Programs",
    "Partner Deal Registration",
    "Partner Enablement",
    "Partner Commissions",
    "Partner Portal",
)


@pytest.fixture
def screens(prm_server, browser, artefacts) -> Iterator[Screens]:
    """Opens windows, and closes them after the test."""
    opener = Screens(browser, prm_server.base_url, artefacts / "screens")
    yield opener
    opener.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("login", [ANNA, CARLA])
def test_pages(screens: Screens, login: str, width: int) -> None:
    """Every page of a partner's administrator fits, is named and has no errors."""
    screen = screens(login, width)
    for path in PAGES:
        screen.open(path)


@pytest.mark.parametrize("width", WIDTHS)
def test_register_deal(screens: Screens, width: int) -> None:
    """The form says what is wrong, keeps what was typed, and then shows the deal."""
    screen = screens(ANNA, width)
    page = screen.page
    mark = uuid.uuid4().hex[:6]
    screen.open("/my/deals/new", "deal_form_empty")
    page.fill("[name=customer_name]", f"Browser Works {mark}")
    page.fill("[name=customer_email]", "no address")
    page.fill("[name=description]", "Forty gateways for two plants")
    page.click(".o_prm_form button[type=submit]")
    screen.check("deal_form_errors", "[aria-invalid=true]")
    assert page.locator("[aria-invalid=true]").count() >= 3, "not all that is wrong is marked"
    assert page.input_value("[name=customer_name]") == f"Browser Works {mark}"
    assert page.input_value("[name=description]") == "Forty gateways for two plants"
    page.fill("[name=customer_email]", f"jo@browser-{mark}.example")
    page.select_option("[name=customer_country_id]", label="Germany")
    page.fill("[name=amount]", "12500.50")
    page.fill("[name=date_close]", (date.today() + timedelta(days=40)).isoformat())
    page.set_input_files(
        "[name=attachment]",
        {"name": "wishes.txt", "mimeType": "text/plain", "buffer": b"Forty gateways"},
    )
    page.click(".o_prm_form button[type=submit]")
    page.wait_for_url("**/my/deals/*")
    screen.check("deal_page", ".o_prm_steps")
    text = page.inner_text("#wrap")
    for part in (f"Browser Works {mark}", "Approved", "12,500.50", "wishes.txt"):
        assert part in text, f"“{part}” is not on the deal's page: {text}"


@pytest.mark.parametrize("width", WIDTHS)
def test_statement(screens: Screens, width: int) -> None:
    """A statement opens from the list."""
    screen = screens(ANNA, width)
    screen.open("/my/statements", "statements")
    screen.page.click("#wrap a[href^='/my/statements/']")
    screen.page.wait_for_url("**/my/statements/*")
    screen.check("statement")


def test_rival_finds_no_deal_of_another(screens: Screens) -> None:
    """What is on one partner's list is on no page of the other."""
    anna, carla = screens(ANNA, 1280), screens(CARLA, 1280)
    anna.page.goto("/my/deals")
    links = anna.page.locator("#wrap a[href^='/my/deals/']:not([href$='/new'])")
    hrefs = {link.get_attribute("href") for link in links.all()}
    assert hrefs, "anna has no deals"
    for href in sorted(hrefs)[:5]:
        response = carla.page.goto(href)
        assert response.status == 404, f"{href} answers {response.status} to the rival"


def test_back_end(screens: Screens) -> None:
    """The screens of the staff open without errors and show demo data."""
    olivia = screens("olivia", 1280)
    for xmlid, name in (
        ("prm_partner.prm_program_action", "programs"),
        ("prm_deal_registration.prm_deal_registration_action", "registrations"),
    ):
        olivia.open_action(xmlid, name)
    _open_record(olivia, "prm_partner.prm_program_action", "program")
    finn = screens("finn", 1280)
    _open_record(finn, "prm_commission.prm_commission_settlement_action", "settlement")


def test_conflict_in_back_end(screens: Screens) -> None:
    """A registration with a conflict shows what it conflicts with."""
    olivia = screens("olivia", 1280)
    olivia.open_action("prm_deal_registration.prm_deal_conflict_action", "conflicts")
    row = olivia.page.locator(".o_data_row td[name=registration_id]").first
    number = row.inner_text().strip().split()[0]
    olivia.open_action("prm_deal_registration.prm_deal_registration_action", "registrations")
    olivia.search(number)
    olivia.page.locator(".o_data_row, .o_kanban_record:not(.o_kanban_ghost)").first.click()
    olivia.page.wait_for_selector(".o_form_view .o_field_widget")
    olivia.page.get_by_role("tab", name="Conflicts").click()
    olivia.page.locator("[name=conflict_ids] .o_data_row").first.wait_for()
    olivia.shoot("registration_with_conflict")
    olivia.check_troubles("registration with a conflict")


def test_apps_list(screens: Screens) -> None:
    """The administrator finds the five add-ons, installed, with their pictures."""
    admin = screens("admin", 1280, "admin")
    admin.page.goto("/odoo/apps")
    admin.page.wait_for_selector(".o_kanban_record")
    admin.search("prm_")
    for name in ADD_ONS:
        admin.page.locator(".o_kanban_record", has_text=name).first.wait_for()
    admin.shoot("apps")
    admin.check_troubles("apps")


def _open_record(screen: Screen, xmlid: str, name: str) -> None:
    screen.open_action(xmlid, f"{name}_list")
    screen.page.locator(".o_data_row td[name=name]").first.click()
    screen.page.wait_for_selector(".o_form_view .o_field_widget")
    screen.settle()
    screen.shoot(name)
    screen.check_troubles(name)
