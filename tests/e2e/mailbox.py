"""The mails that Odoo has really sent, received on this machine."""

import email
import email.message
import email.policy
import time
from email.utils import getaddresses
from pathlib import Path

from prm_setup.mail_sink import MailSink

TIMEOUT = 20.0


class Mail:
    """One received mail.

    :param content: the mail as it was sent
    """

    def __init__(self, content: bytes) -> None:
        self.message: email.message.EmailMessage = email.message_from_bytes(
            content, policy=email.policy.default
        )

    @property
    def recipients(self) -> list[str]:
        """Addresses without names."""
        return [address for _name, address in getaddresses(self.message.get_all("To", []))]

    @property
    def subject(self) -> str:
        """The subject, empty if there is none."""
        return str(self.message["Subject"] or "")

    @property
    def html(self) -> str:
        """The body."""
        part = self.message.get_body(("html", "plain"))
        return part.get_content() if part else ""

    @property
    def attachments(self) -> list[tuple[str, bytes]]:
        """Name and content of the files."""
        return [
            (part.get_filename() or "", part.get_payload(decode=True))
            for part in self.message.iter_attachments()
        ]


class Mailbox:
    """Receives mail on a free port until it is closed.

    :param folder: where each mail is kept as a file
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sink = MailSink(folder)
        self._sink.__enter__()
        self.port: int = self._sink.port

    def close(self) -> None:
        """Stop receiving."""
        self._sink.__exit__()

    def to(self, address: str) -> list[Mail]:
        """The mails that somebody has received so far, the oldest first."""
        mails = [Mail(file.read_bytes()) for file in sorted(self._folder.glob("*.eml"))]
        return [mail for mail in mails if address in mail.recipients]

    def wait_for(self, address: str, subject: str, text: str = "") -> Mail:
        """The latest mail to ``address`` with these texts in subject and body; may have to arrive.

        :raise AssertionError: none came in time
        """
        deadline = time.monotonic() + TIMEOUT
        while True:
            mails = self.to(address)
            for mail in reversed(mails):
                if subject in mail.subject and text in mail.html:
                    return mail
            subjects = [mail.subject for mail in mails]
            assert time.monotonic() < deadline, (
                f"no mail “{subject}” with “{text}” for {address}; it got {subjects}"
            )
            time.sleep(0.2)
