"""A mail server that delivers into a folder, so that no demo or test mail leaves the machine."""

import contextlib
import itertools
import socketserver
import threading
from pathlib import Path


class MailSink:
    """Accept mails on a free port of 127.0.0.1 and write each into one ``.eml`` file.

    :param folder: where the files go
    """

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.folder = folder
        self._server.numbers = itertools.count(len(list(folder.glob("*.eml"))) + 1)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_address[1]

    def options(self) -> list[str]:
        """Options that make Odoo use it."""
        return ["--smtp", "127.0.0.1", "--smtp-port", str(self.port)]

    def __enter__(self) -> "MailSink":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc_info) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    folder: Path
    numbers: "itertools.count[int]"


class _Handler(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as Odoo speaks."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._say("220 prm mail sink")
            for line in self.rfile:
                verb = line[:4].upper().strip()
                if verb == b"QUIT":
                    self._say("221 bye")
                    return
                self._answer(verb)

    def _answer(self, verb: bytes) -> None:
        if verb == b"EHLO":
            self.wfile.write(b"250-prm\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"DATA":
            self._say("354 go ahead")
            self._receive()
            self._say("250 stored")
        else:
            self._say("250 ok")

    def _receive(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        number = next(self.server.numbers)
        (self.server.folder / f"{number:04d}.eml").write_bytes(b"".join(lines))

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
