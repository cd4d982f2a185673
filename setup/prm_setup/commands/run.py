"""``./setup/run``: set everything up and serve a demo database."""

import argparse

from .. import databases, demo_logins
from .. import pg_databases as pg
from ..errors import SetupError
from ..locks import FileLock
from ..mail_sink import MailSink
from ..paths import Paths
from ..prepare import prepared, setup_lock
from ..progress import Progress
from ..project import Project
from ..server import OdooServer, check_port


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./setup/run",
        description="Set everything up and serve a database on this machine.",
    )
    parser.add_argument("--port", type=_port, default=8069, help="default: 8069")
    parser.add_argument("--db", metavar="NAME", help="default: prm, or prm_empty with --no-demo")
    parser.add_argument("--no-demo", action="store_true", help="a database without demo data")
    parser.add_argument("--workers", type=_workers, default=0, metavar="N", help="processes")
    parser.add_argument("--reset", action="store_true", help="delete the database, make it anew")
    parser.add_argument("--verbose", action="store_true", help="show what the programs write")
    arguments = parser.parse_args(argv)
    arguments.db = pg.check_name(arguments.db or ("prm_empty" if arguments.no_demo else "prm"))
    return arguments


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port: use a number from 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) > 64:
        raise argparse.ArgumentTypeError(f"{text} is not a number of workers from 0 to 64")
    return int(text)


def main(argv: list[str]) -> int:
    """Serve until Ctrl-C.

    :return: exit status of the server, 0 after Ctrl-C
    """
    arguments = _arguments(argv)
    check_port(arguments.port)
    progress = Progress(arguments.verbose)
    with prepared(progress) as project, _database(project, arguments, progress):
        sink = MailSink(project.paths.data / "mail")
        with sink, _server(project, arguments, sink, progress) as server:
            print(f"\nPRM for Odoo is running at {server.address}\n")
            print(demo_logins.table(not arguments.no_demo))
            print(f"\nMails go to {project.paths.data / 'mail'}, the log is {server.log}.")
            print("Ctrl-C stops everything.", flush=True)
            try:
                return server.wait()
            except KeyboardInterrupt:
                print("\nStopping ...", flush=True)
                return 0


def _database(project: Project, arguments: argparse.Namespace, progress: Progress) -> FileLock:
    """Make or upgrade the database.

    :return: a shared lock on it, which keeps others from changing it while it is served
    """
    demo = not arguments.no_demo
    path = Paths.from_environment().locks / f"database-{arguments.db}.lock"
    with setup_lock(project.paths, progress):
        change = FileLock(path)
        if change.try_acquire():
            if arguments.reset:
                pg.drop(project, arguments.db)
            databases.ensure_served(project, arguments.db, demo, progress)
            change.release()
        elif arguments.reset or not pg.contents(project, arguments.db):
            raise SetupError(
                f"The database {arguments.db} is in use by another ./setup/run: stop that one "
                "first, or choose another database with --db."
            )
        served = FileLock(path, shared=True)
        served.acquire("the database is being changed by another command", progress.say)
    return served


def _server(project, arguments, sink: MailSink, progress: Progress) -> OdooServer:
    server = OdooServer(
        project,
        arguments.db,
        arguments.port,
        project.paths.logs / f"odoo-{arguments.db}.log",
        workers=arguments.workers,
        cron=1,
        options=sink.options(),
        echo=progress.verbose,
    )
    databases.set_address(project, arguments.db, server.address)
    return server
