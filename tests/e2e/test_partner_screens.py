"""The screens of partners, programs, tiers, agreements and plans; the pictures are kept."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.base import PASSWORD
from tests.e2e.client import Client
from tests.e2e.screen import Screen, Screens

WIDTHS = (1280, 390)
ANNA, CARLA, RAFAEL = (
    "anna@northwind.example",
    "carla@contoso.example",
    "rafael@ribera.example",
)
RESELLER = ("program_id.name", "=", "Reseller Program")
NORTHWIND = ("partner_id.name", "=", "Northwind Systems")
GRAPH, PIVOT, FORM = ".o_graph_renderer canvas", ".o_pivot table", ".o_form_view"
# (action, kind of the view, what must be there)
LISTS = [
    ("res_partner_action", "kanban", ""),
    ("res_partner_action", "list", ""),
    ("res_partner_action", "pivot", PIVOT),
    ("res_partner_action", "graph", GRAPH),
    ("prm_membership_action", "list", ""),
    ("prm_membership_action", "kanban", ""),
    ("prm_tier_review_line_action_pending", "list", ""),
    ("prm_tier_simulation_action", "list", ""),
    ("prm_application_action", "kanban", ""),
    ("prm_application_action", "list", ""),
    ("prm_onboarding_clock_action", "", f"{GRAPH}, {PIVOT}"),
    ("prm_onboarding_task_action_open", "", ""),
    ("prm_agreement_action", "list", ""),
    ("prm_scorecard_action", "", f"{GRAPH}, {PIVOT}, .o_data_row"),
    ("prm_business_plan_action", "kanban", ""),
    ("prm_partner_timeline_action", "", ""),
    ("prm_announcement_action", "", ""),
    ("prm_metric_value_action", "graph", GRAPH),
    ("prm_tier_change_action", "list", ""),
    ("prm_setup_action", "", FORM),
]
# (action, model, domain of the record)
FORMS = [
    ("prm_program_action", "prm.program", [("name", "=", "Reseller Program")]),
    ("res_partner_grade_action", "res.partner.grade", [RESELLER, ("name", "=", "Gold")]),
    ("prm_membership_action", "prm.membership", [NORTHWIND]),
    ("prm_application_action", "prm.application", [("name", "like", "Contoso")]),
    ("prm_tier_simulation_action", "prm.tier.simulation", [("state", "=", "simulated")]),
    ("prm_agreement_action", "prm.agreement", [NORTHWIND, ("state", "=", "in_force")]),
    ("prm_agreement_template_action", "prm.agreement.template", []),
    (
        "prm_scorecard_action",
        "prm.scorecard",
        [NORTHWIND, ("current_membership_ids", "!=", False)],
    ),
    ("prm_business_plan_action", "prm.business.plan", [("state", "=", "running")]),
    ("prm_announcement_action", "prm.announcement", [("state", "=", "published")]),
    ("prm_onboarding_plan_action", "prm.onboarding.plan", []),
    ("res_partner_action", "res.partner", [("name", "=", "Northwind Systems")]),
]
# (who, list, what to open from it)
PAGES = [
    (ANNA, "/my", ""),
    (ANNA, "/my/partner", ""),
    (RAFAEL, "/my/partner", ""),
    (RAFAEL, "/my/partner/onboarding", ""),
    (CARLA, "/my/agreements", "/my/agreements/"),
    (ANNA, "/my/agreements", "/my/agreements/"),
    (ANNA, "/my/plans", "/my/plans/"),
    (CARLA, "/my/plans", "/my/plans/"),
    (ANNA, "/my/announcements", "/my/announcements/"),
]


@pytest.fixture(scope="module")
def screens(prm_server, browser, artefacts) -> Iterator[Screens]:
    """Opens windows, and closes them after all tests."""
    opener = Screens(browser, prm_server.base_url, artefacts / "screens")
    yield opener
    opener.close()


@pytest.fixture(scope="module")
def olivia(screens) -> Screen:
    """The program manager in the back end."""
    return screens("olivia", 1280)


@pytest.fixture(scope="module")
def records(prm_server) -> Client:
    """Finds the records that are looked at."""
    return Client(prm_server.base_url, prm_server.db).login("olivia", PASSWORD)


@pytest.mark.parametrize(("action", "view", "ready"), LISTS)
def test_lists(olivia: Screen, action: str, view: str, ready: str) -> None:
    """Lists, boards, charts and tables open with the demo data on them."""
    ready = {"ready": ready} if ready else {}
    olivia.open_action(f"prm_partner.{action}", f"{action}_{view}".strip("_"), view, **ready)


@pytest.mark.parametrize(("action", "model", "domain"), FORMS)
def test_forms(olivia: Screen, records: Client, action: str, model: str, domain: list) -> None:
    """Forms open, with each of their pages."""
    record_id = records.search(model, domain)[0]["id"]
    name = model.replace(".", "_")
    olivia.open_form(f"prm_partner.{action}", record_id, name)
    olivia.open_tabs(name)


def test_settings(screens: Screens) -> None:
    """The settings of partners open by their menu."""
    admin = screens("admin", 1280, "admin")
    admin.open_action("prm_partner.res_config_settings_action", "settings", ready=FORM)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("login", "path", "part"), PAGES)
def test_portal(screens: Screens, login: str, path: str, part: str, width: int) -> None:
    """Portal pages fit a telephone as well as a desk; the first entry of a list opens."""
    screen = screens(login, width)
    name = path.strip("/").replace("/", "_")
    screen.open(path, name)
    if part:
        screen.page.locator(f"#wrap .list-group a[href*='{part}']").first.click()
        screen.page.wait_for_url(f"**{part}*")
        screen.check(f"{name}_one")


def test_agreement_document(prm_server, records: Client, artefacts) -> None:
    """A signed agreement as a document, and its first page as a picture."""
    anna = Client(prm_server.base_url, prm_server.db).login(ANNA, PASSWORD)
    [agreement, *_others] = records.search(
        "prm.agreement",
        [NORTHWIND, ("state", "=", "in_force")],
    )
    response = anna.get(f"/my/agreements/{agreement['id']}/pdf")
    assert response.content.startswith(b"%PDF"), response.status_code
    pdf = artefacts / "screens" / "agreement.pdf"
    pdf.parent.mkdir(parents=True, exist_ok=True)
    pdf.write_bytes(response.content)
    if pdftoppm := shutil.which("pdftoppm"):
        command = [pdftoppm, "-png", "-r", "80", "-f", "1", "-l", "1", pdf, pdf.with_suffix("")]
        subprocess.run(command, check=True)
