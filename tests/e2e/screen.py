"""One user in a browser, with all that went wrong on the pages."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, Response

from .base import PASSWORD

# Fields that nobody could name without seeing them, pictures without words, buttons without a name.
# The cards on Odoo's own /my have pictures without words, beside the title that says the same.
NAMELESS = """() => {
    const shown = (el) => el.checkVisibility() && el.type !== "hidden";
    const named = (el) => (el.labels && el.labels.length) || el.ariaLabel || el.title ||
        el.getAttribute("aria-labelledby");
    const fields = [...document.querySelectorAll("#wrap input, #wrap select, #wrap textarea")];
    const buttons = [...document.querySelectorAll("#wrap button, #wrap a[href]")];
    const pictures = [...document.querySelectorAll("#wrap img:not([alt])")]
        .filter((el) => !el.closest(".o_portal_docs"));
    return [
        ...fields.filter((el) => shown(el) && !named(el)),
        ...buttons.filter((el) => shown(el) && !named(el) && !el.textContent.trim() &&
            !el.querySelector("img[alt], [aria-label]")),
        ...pictures.filter(shown),
    ].map((el) => el.outerHTML.slice(0, 120));
}"""
# Odoo's website theme asks here for the fonts that it is set to; without them it takes others.
THEME_HOSTS = ("fonts.googleapis.com", "fonts.gstatic.com")
# The first page after the start waits until Odoo has put the scripts and styles together.
TIMEOUT = 120_000
COMPLETE = """() => document.fonts.status === "loaded" &&
    [...document.images].every((image) => image.complete || image.loading === "lazy") &&
    document.getAnimations().every((animation) => animation.playState !== "running" ||
        animation.effect.getComputedTiming().endTime === Infinity) &&
    [...document.querySelectorAll(".o_portal_chatter")].every((element) => {
        const chatter = element.querySelector("#chatterRoot")?.shadowRoot;
        return chatter?.querySelector(".o-mail-Message, .o-mail-Thread-empty") &&
            [...chatter.querySelectorAll("link[rel=stylesheet]")].every((link) => link.sheet);
    })"""
# What stands on a page only by mistake: values that were meant for a program.
RAW = re.compile(r"\[object |undefined|\bNaN\b|[{,] ?[\"'][a-z_]+[\"']: ")
# A list or a board with something on it, a chart, a table of numbers.
RECORDS = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"
FORM = ".o_form_view .o_field_widget"
# Titles of columns that are not to be read to their end.
CUT = """() => {
    const width = (part) => part.getBoundingClientRect().width;
    const text = document.createRange();
    return [...document.querySelectorAll(".o_list_renderer th .text-truncate")]
        .filter((el) => el.checkVisibility())
        .filter((el) => { text.selectNodeContents(el); return width(text) > width(el); })
        .map((el) => el.textContent);
}"""
# Charts grow for a second; nothing else tells when they are done.
CHARTS_AT_REST = """() => {
    const now = [...document.querySelectorAll("canvas")].map((el) => el.toDataURL()).join();
    const before = window.prmCharts;
    window.prmCharts = now;
    return now === before;
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Screen:
    """A window of a certain width, logged in.

    :param folder: where the pictures go
    :param locale: language of the browser, in which it asks for pages of the website
    """

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        login: str,
        password: str,
        width: int,
        folder: Path,
        locale: str = "en-US",
    ) -> None:
        self.base_url = base_url
        self.who = login.partition("@")[0]
        self.width = width
        self.folder = folder
        self.troubles: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=locale, base_url=base_url
        )
        self.context.set_default_timeout(TIMEOUT)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(f"JavaScript: {error}"))
        self.page.on("request", self._check_host)
        self.page.on("response", self._check_response)
        self._log_in(login, password)

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def _log_in(self, login: str, password: str) -> None:
        self.page.goto("/web/login")
        self.page.fill(".oe_login_form input[name=login]", login)
        self.page.fill(".oe_login_form input[name=password]", password)
        self.page.click(".oe_login_form button[type=submit]")
        # Leaving while the server builds the first bundle would make it build that twice at once,
        # and Odoo refuses one of the two.
        self.page.wait_for_url(lambda url: urlsplit(url).path != "/web/login", wait_until="load")

    def _is_elsewhere(self, url: str) -> bool:
        address = urlsplit(url)
        own = urlsplit(self.base_url)
        return address.scheme in ("http", "https") and address.hostname != own.hostname

    def _check_host(self, request: Request) -> None:
        if self._is_elsewhere(request.url) and urlsplit(request.url).hostname not in THEME_HOSTS:
            self.troubles.append(f"asks another host: {request.url[:200]}")

    def _check_response(self, response: Response) -> None:
        if response.status >= 400 and response.status != 422:
            self.troubles.append(f"{response.status} for {response.url[:200]}")

    def open(self, path: str, name: str = "", ready: str = "") -> None:
        """Open a portal page, take a picture and check it.

        :param ready: selector of what must be there before the picture is taken
        """
        response = self.page.goto(path)
        assert response and response.status < 400, f"{path} answers {response and response.status}"
        self.check(name or path.strip("/").replace("/", "_"), ready or "#wrap")

    def check(self, name: str, ready: str = "#wrap") -> None:
        """Take a picture of the page that is shown, and check it."""
        self.page.wait_for_selector(ready, state="visible")
        self.settle()
        self.shoot(name, full=True)
        self._check_raw(name)
        overflow = self.page.evaluate(OVERFLOW)
        assert overflow <= 0, f"{name} is {overflow} pixels too wide at {self.width}"
        nameless = self.page.evaluate(NAMELESS)
        assert not nameless, f"nobody can name these on {name}: {nameless}"
        self.check_troubles(name)

    def open_action(self, xmlid: str, name: str, view: str = "", ready: str = RECORDS) -> None:
        """Open a menu of the back end, take a picture and look for errors.

        :param view: kind of the view, by default the first of the action
        """
        self.page.goto(f"/odoo/action-{xmlid}" + (f"?view_type={view}" if view else ""))
        self._check_back_end(name, ready)

    def open_form(self, xmlid: str, record_id: int, name: str) -> None:
        """Open a record by the action of its menu, take a picture and look for errors."""
        self.page.goto(f"/odoo/action-{xmlid}/{record_id}")
        self._check_back_end(name, FORM)

    def open_tabs(self, name: str) -> None:
        """Choose each page of the form that is open, as ``open_form`` does with the first."""
        for tab in self.page.locator(".o_notebook_headers [role=tab]").all():
            tab.click()
            title = "_".join(tab.inner_text().lower().split())
            self._check_back_end(f"{name}_{title}", ".o_notebook_content .tab-pane.active")

    def _check_back_end(self, name: str, ready: str) -> None:
        self.page.locator(ready).first.wait_for()
        self.settle()
        self.page.wait_for_function(CHARTS_AT_REST, polling=200)
        self.shoot(name)
        self._check_raw(name)
        cut = self.page.evaluate(CUT)
        assert not cut, f"{name} cuts the titles of columns: {cut}"
        self.check_troubles(name)

    def _check_raw(self, name: str) -> None:
        found = RAW.search(self.page.inner_text("body"))
        assert not found, f"{name} shows “{found[0]}”"

    def settle(self) -> None:
        """Wait until all that the page shows is there and at rest, pictures and fonts too."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function(COMPLETE)

    def search(self, words: str) -> None:
        """Search the list that is shown, as a user does: type, look at what is offered, take it."""
        self.page.fill(".o_searchview_input", words)
        # Enter before Odoo offers anything would leave its menu open above the list.
        self.page.locator(".o_searchview_autocomplete .o-dropdown-item").first.wait_for()
        self.page.keyboard.press("Enter")
        self.page.locator(".o_searchview_facet", has_text=words).first.wait_for()
        self.settle()

    def check_troubles(self, name: str) -> None:
        """Fail for what went wrong since the last time."""
        troubles, self.troubles = self.troubles, []
        assert not troubles, f"{name}: {troubles}"

    def shoot(self, name: str, full: bool = False) -> None:
        """Keep a picture."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{self.who}_{name}_{self.width}.png"
        self.page.screenshot(path=path, full_page=full)


class Screens:
    """Opens windows of several users, and closes them all.

    :param base_url: address of the running server
    :param folder: where the pictures go
    """

    def __init__(self, browser: Browser, base_url: str, folder: Path) -> None:
        self._browser = browser
        self._base_url = base_url
        self._folder = folder
        self._opened: list[Screen] = []

    def __call__(self, login: str, width: int, password: str = PASSWORD) -> Screen:
        """A window of this width, logged in."""
        screen = Screen(self._browser, self._base_url, login, password, width, self._folder)
        self._opened.append(screen)
        return screen

    def close(self) -> None:
        """Close all windows."""
        for screen in self._opened:
            screen.close()
