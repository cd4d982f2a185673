"""The people of the story, their sessions, and what every chapter needs."""

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html

from .client import Client
from .mailbox import Mailbox

PASSWORD = "demo-prm-2026"


class Partner:
    """A partner company of the story, with one contact who uses the portal.

    :param company: name of the company
    :param person: name of the contact
    :param run: what makes the names of this run unlike those of others
    """

    def __init__(self, company: str, person: str, run: str) -> None:
        self.company = f"{company} {run}"
        self.person = f"{person} {run}"
        self.domain = f"{company.split()[0].lower()}-{run}.example"
        self.email = f"{person.split()[0].lower()}@{self.domain}"
        self.password = f"Secret-{run}"
        self.company_id = 0
        self.person_id = 0
        self.membership_id = 0
        self.client: Client


class Story:
    """One run on one database; every name is new, so that it can be told again.

    :param base_url: address of the running server
    :param db: name of the database, with demo data
    :param artefacts: folder where mails and statements are kept
    """

    def __init__(self, base_url: str, db: str, artefacts: str | Path) -> None:
        self.base_url = base_url.rstrip("/")
        self.db = db
        self.run_id = uuid.uuid4().hex[:6]
        self.artefacts = Path(artefacts) / f"story-{self.run_id}"
        self.artefacts.mkdir(parents=True, exist_ok=True)
        self.mailbox = Mailbox(self.artefacts / "mails")
        self.mail_server_id = 0
        self.ours = Partner("Aurora Networks", "Alice Winter", self.run_id)
        self.rival = Partner("Borealis Systems", "Boris Sommer", self.run_id)
        # The administrator first: the server takes its own address, which stands in the mails,
        # from this log-in.
        self.admin = self._new_client().login("admin", "admin")
        self.olivia = self._new_client().login("olivia", PASSWORD)
        self.finn = self._new_client().login("finn", PASSWORD)
        self._send_mail_here()

    @classmethod
    def steps(cls) -> list[Callable[["Story"], None]]:
        """The steps in their order."""
        return [getattr(cls, name) for name in sorted(dir(cls)) if name.startswith("step_")]

    def close(self) -> None:
        """Let the database send its mail elsewhere again, and stop receiving."""
        if self.mail_server_id:
            self.admin.write("ir.mail_server", self.mail_server_id, {"active": False})
        self.mailbox.close()

    def _new_client(self) -> Client:
        return Client(self.base_url, self.db)

    def _send_mail_here(self) -> None:
        self.mail_server_id = self.admin.create(
            "ir.mail_server",
            {
                "name": f"Test {self.run_id}",
                "smtp_host": "127.0.0.1",
                "smtp_port": self.mailbox.port,
                "smtp_encryption": "none",
                "smtp_authentication": "login",
                "sequence": 0,
            },
        )

    def _accept_invitation(self, partner: Partner) -> None:
        """Open the link in the mail of the contact, set a password and log in with it."""
        mail = self.mailbox.wait_for(partner.email, "", "token=")
        partner.client = self._new_client()
        [link] = set(html.fromstring(mail.html).xpath("//a[contains(@href, 'token=')]/@href"))
        assert link.startswith(self.base_url), f"the invitation leads elsewhere: {link}"
        parts = urlsplit(link)
        page = partner.client.submit(
            f"{parts.path}?{parts.query}",
            {"password": partner.password, "confirm_password": partner.password},
            action=parts.path,
        )
        assert page.status == 200, f"the password was not taken: {page.text}"
        partner.client = self._new_client().login(partner.email, partner.password)
        home = partner.client.page("/my")
        assert home.status == 200 and partner.person in home.text, "the contact has no portal"

    def _send_queued_mail(self) -> None:
        """What the scheduler does from time to time, at once."""
        self._run_job("mail.ir_cron_mail_scheduler_action")

    def _run_job(self, xmlid: str) -> None:
        self.admin.button("ir.cron", "method_direct_trigger", self.admin.ref(xmlid))

    def _check(self, found: Mapping[str, object], **expected: object) -> None:
        """Compare fields of a record, a link by its id."""
        for name, value in expected.items():
            actual = found[name]
            if isinstance(actual, list) and len(actual) == 2 and isinstance(actual[1], str):
                actual = actual[0]
            assert actual == value, f"{name} is {actual!r} and should be {value!r}"

    def _check_nothing(self, leaks: list[str]) -> None:
        assert not leaks, "somebody else's data can be had:\n" + "\n".join(leaks)
