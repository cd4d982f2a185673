"""Talk to PostgreSQL with its own programs, and find out which server to use."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from .errors import CommandError, SetupError

OLDEST_SERVER = 130000


@dataclass(frozen=True)
class Connection:
    """How to reach a server.

    :param bin: folder with ``psql``, ``pg_dump`` and ``pg_restore``
    :param host: host name or folder of the Unix socket
    """

    bin: Path
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    sslmode: str = ""

    def environment(self) -> dict[str, str]:
        """Environment for PostgreSQL's programs."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        values = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGSSLMODE": self.sslmode,
            "PGCONNECT_TIMEOUT": "10",
        }
        return clean | {key: value for key, value in values.items() if value}

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Execute SQL.

        :return: the rows, one a line, columns separated by ``|``
        :raise CommandError: the server refuses it
        """
        command = [self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        result = subprocess.run(
            [*command, "-d", database, "-c", statement],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            reason = result.stderr.strip()
            raise CommandError(f"PostgreSQL refused a statement: {reason.splitlines()[0]}", reason)
        return result.stdout.strip()


def external_url() -> str:
    """Address of an existing server, empty when the embedded one is to be used."""
    return os.environ.get("PRM_DATABASE_URL", "")


def uses_external_server() -> bool:
    """Whether PRM_DATABASE_URL or PGHOST names an existing server."""
    return bool(external_url() or os.environ.get("PGHOST"))


def external_connection(bin_folder: Path) -> Connection:
    """Connection to the existing server, checked.

    :raise SetupError: wrong address, no access, or a role that Odoo cannot use
    """
    connection = parse_url(external_url(), bin_folder) if external_url() else _from_pg(bin_folder)
    name = "PRM_DATABASE_URL" if external_url() else "PGHOST"
    try:
        row = connection.sql(
            "SELECT current_user, rolcreatedb OR rolsuper, current_setting('server_version_num')"
            " FROM pg_roles WHERE rolname = current_user"
        )
    except CommandError as error:
        raise SetupError(
            f"The PostgreSQL server of {name} cannot be used: {error.output} "
            f"Correct {name}, or unset it to use the embedded server."
        ) from error
    user, may_create, version = row.split("|")
    if user == "postgres":
        raise SetupError(f"Odoo refuses the role postgres: name another one in {name}.")
    if may_create != "t":
        raise SetupError(f"The role {user} of {name} needs the right CREATEDB.")
    if int(version) < OLDEST_SERVER:
        raise SetupError(f"Odoo 19 needs PostgreSQL 13 or newer; the one of {name} is older.")
    return connection


def parse_url(url: str, bin_folder: Path) -> Connection:
    """``postgresql://user:password@host:port/?sslmode=…`` → connection.

    :raise SetupError: it is not such an address
    """
    advice = "PRM_DATABASE_URL has to look like postgresql://user:password@host:5432/postgres."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SetupError(advice) from None
    query = parse_qs(parts.query)
    host = unquote(parts.hostname or "") or query.get("host", [""])[0]
    if parts.scheme not in ("postgresql", "postgres") or not host:
        raise SetupError(advice)
    return Connection(
        bin_folder,
        host=host,
        port=str(port or query.get("port", ["5432"])[0]),
        user=unquote(parts.username or "") or query.get("user", [""])[0],
        password=unquote(parts.password or ""),
        sslmode=query.get("sslmode", [""])[0],
    )


def _from_pg(bin_folder: Path) -> Connection:
    value = os.environ.get
    return Connection(
        bin_folder,
        host=value("PGHOST", ""),
        port=value("PGPORT", "5432"),
        user=value("PGUSER", ""),
        password=value("PGPASSWORD", ""),
        sslmode=value("PGSSLMODE", ""),
    )
