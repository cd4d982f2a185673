"""What the set-up has found and made, as one object that the commands and the tests use."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .errors import SetupError
from .paths import Paths
from .pg_client import Connection


@dataclass(frozen=True)
class Project:
    """A clone that is ready for use.

    :param python: Python of the virtual environment
    :param odoo_version: version of Odoo with a fingerprint of its source
    :param connection: PostgreSQL as the role that Odoo uses
    :param superuser: role for what only a superuser may do; empty on a server that is not ours
    :param browser: Chromium's program, empty if there is none
    :param wkhtmltopdf: folder of wkhtmltopdf, empty if there is none
    """

    paths: Paths
    python: Path
    odoo_version: str
    connection: Connection
    superuser: str = ""
    browser: str = ""
    wkhtmltopdf: str = ""

    @property
    def admin(self) -> Connection:
        """Connection for making databases."""
        return replace(self.connection, user=self.superuser or self.connection.user)

    @property
    def pythonpath(self) -> Path:
        """Folder with nothing but a link to Odoo."""
        return self.paths.data / "pythonpath"

    def environment(self) -> dict[str, str]:
        """Environment for Odoo and for pytest."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        folders = [str(self.python.parent), clean.get("PATH", os.defpath)]
        if self.wkhtmltopdf:
            folders.insert(0, self.wkhtmltopdf)
        return clean | {
            "PYTHONPATH": str(self.pythonpath),
            "PATH": os.pathsep.join(folders),
            "ODOO_RC": str(self.paths.config),
        }

    def odoo(self, *arguments: str) -> list[str]:
        """Command line of Odoo with the project's configuration.

        :param arguments: as for ``odoo-bin``; a subcommand may come first
        """
        # ODOO_RC names the configuration: not every subcommand takes an option for it
        subcommand = bool(arguments) and not arguments[0].startswith("-")
        return [str(self.python), "-m", "odoo", *([] if subcommand else ["server"]), *arguments]

    def save(self) -> None:
        """Remember everything for the processes that tests start."""
        values = asdict(self)
        text = json.dumps(values, default=str, indent=1)
        fresh = self.paths.data / f"state.json.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        fresh.replace(self.paths.data / "state.json")

    @classmethod
    def load(cls) -> "Project":
        """Read what ``save`` has written.

        :raise SetupError: the set-up has not been done
        """
        paths = Paths.from_environment()
        try:
            values = json.loads((paths.data / "state.json").read_text())
        except OSError:
            raise SetupError("Nothing is set up yet: start the tests with ./setup/test.") from None
        connection = values.pop("connection")
        return cls(
            **values
            | {
                "paths": paths,
                "python": Path(values["python"]),
                "connection": Connection(**connection | {"bin": Path(connection["bin"])}),
            }
        )
