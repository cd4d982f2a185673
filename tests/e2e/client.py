"""One user's session with the server: pages and forms as a browser, calls as the web client."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from lxml import html

TIMEOUT = 120
NOT_SENT = {"submit", "button", "image", "reset", "file"}
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))

Values = Mapping[str, Any]
File = tuple[str, bytes, str]


def plain(text: str) -> str:
    """Text with single spaces, and without the invisible characters that keep amounts together."""
    return " ".join(text.translate(INVISIBLE).split())


class RpcError(Exception):
    """The server refused a call.

    :param kind: name of the exception on the server, for example ``AccessError``
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind.rpartition(".")[2]
        self.message = message


@dataclass
class Page:
    """A page as the user got it, after redirects."""

    status: int
    url: str
    document: html.HtmlElement
    content: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """The visible text, with single spaces."""
        parts = self.document.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
        return plain(" ".join(parts))

    def links(self, part: str) -> list[str]:
        """Targets of the links that contain ``part``."""
        return [href for href in self.document.xpath("//a/@href") if part in href]

    def form(self, action: str = "") -> html.FormElement:
        """The form that posts to an address with ``action`` in it.

        :raise AssertionError: there is no such form, or more than one
        """
        forms = [
            form
            for form in self.document.forms
            if form.method.upper() == "POST" and action in (form.action or self.url)
        ]
        assert len(forms) == 1, f"{len(forms)} forms for “{action}” on {self.url}"
        return forms[0]

    def typed(self, action: str = "") -> dict[str, str]:
        """What stands in the fields of a form."""
        return {name: value or "" for name, value in _form_values(self.form(action)).items()}


class Client:
    """A user with a session of its own.

    :param base_url: address of the server, without a slash at the end
    :param db: name of the database
    """

    def __init__(self, base_url: str, db: str) -> None:
        self.base_url = base_url
        self.db = db
        self.login_name = ""
        self._http = requests.Session()
        self._ids = itertools.count(1)

    def login(self, login: str, password: str) -> "Client":
        """Log in by the form.

        :raise AssertionError: the server did not let the user in
        """
        page = self.submit(
            f"/web/login?db={self.db}", {"login": login, "password": password}, action="/web/login"
        )
        errors = " ".join(page.document.xpath("//*[contains(@class, 'alert-danger')]//text()"))
        assert urlsplit(page.url).path != "/web/login", f"{login} cannot log in: {errors.strip()}"
        self.login_name = login
        return self

    def get(self, path: str) -> requests.Response:
        """The bare answer to a GET, redirects followed."""
        return self._http.get(urljoin(self.base_url, path), timeout=TIMEOUT)

    def page(self, path: str) -> Page:
        """A page, whatever its status."""
        return _page(self.get(path))

    def submit(
        self,
        path: str,
        fields: Values | None = None,
        files: Mapping[str, File] | None = None,
        action: str = "",
    ) -> Page:
        """Open the page, fill in its form and send it as a browser does, token included.

        :param fields: values by name of the field; the others are sent as they are on the page
        :param files: ``{field: (file name, content, type)}``
        :param action: part of the address of the form, if there are several on the page
        :return: the page that comes back
        :raise AssertionError: the form has no such field
        """
        return self.send(self.page(path), fields, files, action)

    def send(
        self,
        page: Page,
        fields: Values | None = None,
        files: Mapping[str, File] | None = None,
        action: str = "",
    ) -> Page:
        """Fill in and send a form of a page that is open already; see ``submit``."""
        form = page.form(action)
        names = {element.name for element in form.inputs if element.name}
        unknown = {*(fields or {}), *(files or {})} - names
        assert not unknown, f"the form on {page.url} has no field {sorted(unknown)}, only {names}"
        values = {**_form_values(form), **(fields or {})}
        data = {name: str(value) for name, value in values.items() if value is not None}
        target = urljoin(page.url, form.action or page.url)
        return _page(self._http.post(target, data=data, files=files or None, timeout=TIMEOUT))

    def post(self, path: str, data: Values) -> requests.Response:
        """A bare POST: nothing is read from a page first, no token is added."""
        return self._http.post(
            urljoin(self.base_url, path), data=data, timeout=TIMEOUT, allow_redirects=False
        )

    def json(self, path: str, params: Values) -> Any:
        """Call a JSON-RPC route.

        :raise RpcError: the server refused
        """
        body = {"jsonrpc": "2.0", "method": "call", "id": next(self._ids), "params": params}
        response = self._http.post(urljoin(self.base_url, path), json=body, timeout=TIMEOUT)
        if response.status_code != 200:
            raise RpcError(f"http.{response.status_code}", response.reason)
        answer = response.json()
        if "error" in answer:
            data = answer["error"].get("data") or {}
            raise RpcError(
                data.get("name") or f"http.{answer['error'].get('code')}",
                data.get("message") or answer["error"].get("message", ""),
            )
        return answer.get("result")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method as the web client does."""
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self.json(f"/web/dataset/call_kw/{model}/{method}", params)

    def new_api_key(self, password: str) -> str:
        """Make a key for the external API, as the page on one's security does."""
        asked = self.call("res.users", "api_key_wizard", [self.user_id])
        if asked["res_model"] == "res.users.identitycheck":
            ids, context = [asked["res_id"]], {"password": password}
            self.call("res.users.identitycheck", "run_check", ids, context=context)
        model = "res.users.apikeys.description"
        [wizard_id] = self.call(model, "create", [{"name": "Test", "duration": "1"}])
        return self.call(model, "make_key", [wizard_id])["context"]["default_key"]

    @property
    def user_id(self) -> int:
        """Id of the user."""
        return self.json("/web/session/get_session_info", {})["uid"]

    def external(self, key: str, model: str, method: str, **arguments: Any) -> Any:
        """Call a method by the external API, with a key and without a session.

        :raise RpcError: the server refused
        """
        response = requests.post(
            f"{self.base_url}/json/2/{model}/{method}",
            json=arguments,
            headers={"Authorization": f"bearer {key}", "X-Odoo-Database": self.db},
            timeout=TIMEOUT,
        )
        answer = response.json()
        if response.status_code != 200:
            raise RpcError(answer["name"], answer["message"])
        return answer

    def create(self, model: str, values: Values, context: Values | None = None) -> int:
        """Save a new record as a form does.

        :return: its id
        """
        [record] = self.call(
            model,
            "web_save",
            [],
            dict(values),
            specification={"display_name": {}},
            context=dict(context or {}),
        )
        return record["id"]

    def write(self, model: str, record_id: int, values: Values) -> None:
        """Save changes of one record as a form does."""
        self.call(model, "web_save", [record_id], dict(values), specification={})

    def read(self, model: str, record_id: int, *fields: str) -> dict[str, Any]:
        """Fields of one record."""
        [values] = self.call(model, "read", [record_id], list(fields))
        return values

    def search(self, model: str, domain: Iterable[Any], *fields: str) -> list[dict[str, Any]]:
        """Records that match, with these fields, in the order of their ids."""
        return self.call(
            model, "search_read", list(domain), list(fields) or ["display_name"], order="id"
        )

    def button(
        self, model: str, method: str, record_ids: int | list[int], context: Values | None = None
    ) -> Any:
        """Press a button of a form.

        :return: the action that follows, or False
        """
        ids = [record_ids] if isinstance(record_ids, int) else record_ids
        params = {
            "model": model,
            "method": method,
            "args": [ids],
            "kwargs": {"context": dict(context or {})},
        }
        return self.json(f"/web/dataset/call_button/{model}/{method}", params)

    def wizard(self, model: str, values: Values, button: str, context: Values | None = None) -> Any:
        """Fill in a dialog and press its button.

        :return: the action that follows, or False
        """
        return self.button(model, button, self.create(model, values, context), context)

    def ref(self, xmlid: str) -> int:
        """Id of the record with this external id."""
        module, name = xmlid.split(".")
        found = self.search(
            "ir.model.data", [("module", "=", module), ("name", "=", name)], "res_id"
        )
        assert found, f"there is no record {xmlid}"
        return found[0]["res_id"]


def _page(response: requests.Response) -> Page:
    is_html = "html" in response.headers.get("Content-Type", "") and response.content.strip()
    document = html.fromstring(response.content if is_html else b"<html><body/></html>")
    return Page(response.status_code, response.url, document, response.content, response.headers)


def _form_values(form: html.FormElement) -> dict[str, str | None]:
    """What a browser would send, files and buttons aside."""
    values: dict[str, str | None] = {}
    for element in form.inputs:
        kind = (element.get("type") or "").lower()
        if not element.name or element.tag == "button" or kind in NOT_SENT:
            continue
        if kind in ("checkbox", "radio"):
            if element.checked:
                values[element.name] = element.get("value", "on")
            else:
                values.setdefault(element.name, None)
        else:
            values[element.name] = element.value or ""
    return values
