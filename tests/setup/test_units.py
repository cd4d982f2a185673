"""The pieces of the set-up that can be tested without a server."""

import importlib
import json
import multiprocessing
import os
import smtplib
import sys
from pathlib import Path

import pytest

from prm_setup import bench as benches
from prm_setup import (
    browser,
    demo_logins,
    odoo_package,
    odoo_source,
    pg_client,
    prepare,
    progress,
    python_env,
    request_log,
)
from prm_setup import pg_databases as pg
from prm_setup.checks import manifests, rights, xml_files
from prm_setup.errors import SetupError
from prm_setup.locks import FileLock
from prm_setup.mail_sink import MailSink
from prm_setup.paths import ADDONS, Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "clone", tmp_path / "data", tmp_path / "cache")


def test_sizes_and_times_are_readable():
    assert [progress.human_size(n) for n in (5, 1234, 123456789, 1.26e9)] == [
        "5 B",
        "1 kB",
        "123 MB",
        "1.3 GB",
    ]
    assert [progress.human_time(n) for n in (0.25, 41.3, 83)] == ["0.2 s", "41 s", "1 min 23 s"]


@pytest.mark.parametrize("version", [(3, 9), (3, 14), (2, 7)])
def test_other_pythons_are_refused(version):
    with pytest.raises(SetupError, match=r"3\.10 to 3\.13"):
        python_env.check_python(version)


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 12), (3, 13)])
def test_our_pythons_are_taken(version):
    python_env.check_python(version)


def test_sizes_of_downloads_are_read_from_pip():
    assert python_env.downloaded_bytes("  Downloading a-1.whl (1.2 MB)") == 1.2e6
    assert python_env.downloaded_bytes("Downloading b-1.whl.metadata (350 bytes)") == 350
    assert python_env.downloaded_bytes("Using cached c-1.whl (3 kB)") == 0


def test_the_lock_pins_every_direct_dependency():
    """What requirements.in names is in the lock, with the same version."""
    folder = Paths.from_environment().setup
    lock, direct = (
        {line.lower() for line in (folder / name).read_text().splitlines() if "==" in line}
        for name in ("requirements.txt", "requirements.in")
    )
    assert direct - lock == set()
    assert all("==" in line for line in lock)


def test_postgres_url():
    got = pg_client.parse_url("postgresql://me:s%40x@db.example:5433/x?sslmode=require", Path())
    assert (got.host, got.port, got.user, got.password, got.sslmode) == (
        "db.example",
        "5433",
        "me",
        "s@x",
        "require",
    )
    socket = pg_client.parse_url("postgresql:///postgres?host=/run/postgresql&user=me", Path())
    assert (socket.host, socket.port, socket.user) == ("/run/postgresql", "5432", "me")


@pytest.mark.parametrize("url", ["mysql://h/x", "nonsense", "postgresql://h:port/x", "postgresql:"])
def test_a_wrong_postgres_url_is_explained(url):
    with pytest.raises(SetupError, match="postgresql://user:password@host:5432"):
        pg_client.parse_url(url, Path())


@pytest.mark.parametrize("name", ["", "1a", "a b", 'a"; DROP', "ä", "a" * 60, "../x"])
def test_dangerous_database_names_are_refused(name):
    with pytest.raises(SetupError, match="database name"):
        pg.check_name(name)


def _fake_odoo(folder: Path, version: str) -> Path:
    (folder / "odoo").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(f"version_info = {version}\n")
    return folder


def test_odoo_home_is_used(tmp_path, monkeypatch, paths):
    home = _fake_odoo(tmp_path / "src", "(19, 0, 0, FINAL, 0, '')")
    (home / "addons").mkdir()
    monkeypatch.setenv("ODOO_HOME", str(home))
    source = odoo_source.ensure(paths, progress.Progress())
    assert (source.package, source.addons) == (home / "odoo", (home / "addons",))
    assert (source.link(tmp_path / "link") / "odoo").resolve() == home / "odoo"
    assert os.listdir(tmp_path / "link") == ["odoo"]


@pytest.mark.parametrize("version", ["(18, 0, 0, FINAL, 0, '')", "('saas~19', 1, 0, FINAL, 0, '')"])
def test_another_odoo_is_refused(tmp_path, monkeypatch, paths, version):
    monkeypatch.setenv("ODOO_HOME", str(_fake_odoo(tmp_path / "src", version)))
    with pytest.raises(SetupError, match=r"ODOO_HOME=.*19\.0"):
        odoo_source.ensure(paths, progress.Progress())


def test_without_a_debian_mirror_the_way_out_is_named(monkeypatch):
    monkeypatch.delenv("PRM_DEBIAN_MIRROR", raising=False)
    monkeypatch.setattr(odoo_package, "os_release", lambda: {"ID": "ubuntu"})
    with pytest.raises(SetupError, match=r"ODOO_HOME .* PRM_DEBIAN_MIRROR"):
        odoo_package.debian_mirror()
    monkeypatch.setenv("PRM_DEBIAN_MIRROR", "http://mirror.example/debian/")
    assert odoo_package.debian_mirror() == "http://mirror.example/debian"


def test_the_security_archive_is_not_the_mirror(monkeypatch):
    monkeypatch.delenv("PRM_DEBIAN_MIRROR", raising=False)
    monkeypatch.setattr(odoo_package, "os_release", lambda: {"ID": "debian"})
    lines = [
        "http://other.example/deb|cloud",
        "http://m.example/debian-security/|bookworm-security",
        "http://m.example/debian/|bookworm",
    ]
    monkeypatch.setattr(odoo_package, "_apt_targets", lambda: lines[1:])
    assert odoo_package.debian_mirror() == "http://m.example/debian"


def test_a_link_to_nowhere_in_the_package_is_refused(tmp_path):
    (tmp_path / odoo_package.INSIDE).mkdir(parents=True)
    odoo_package._repair(tmp_path)
    assert (tmp_path / odoo_package.INSIDE / odoo_package.SELFIE).read_text() == ""
    (tmp_path / "usr" / "broken").symlink_to("missing")
    with pytest.raises(SetupError, match="usr/broken"):
        odoo_package._repair(tmp_path)


def test_an_interrupted_download_is_not_taken_for_odoo(paths):
    (paths.cache / "odoo" / "fetch" / "root").mkdir(parents=True)
    assert odoo_package._unpacked(paths) is None
    (paths.cache / "odoo" / "19.0.0-1").mkdir()
    assert odoo_package._unpacked(paths) == paths.cache / "odoo/19.0.0-1" / odoo_package.INSIDE


def test_an_interrupted_environment_is_not_taken_for_a_good_one(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    assert not python_env._is_complete(tmp_path, python)
    (tmp_path / ".complete").touch()
    assert python_env._is_complete(tmp_path, python)
    python.unlink()
    assert not python_env._is_complete(tmp_path, python)


def test_too_little_space_is_said_at_once(monkeypatch, paths):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(prepare.shutil, "disk_usage", lambda place: usage)
    with pytest.raises(SetupError, match=r"Only 1 MB are free .* 4\.0 GB"):
        prepare._check_space(paths)


def test_a_browser_that_is_named_but_missing_is_an_error(monkeypatch, paths):
    monkeypatch.setenv("PRM_CHROMIUM", "/nowhere/chrome")
    with pytest.raises(SetupError, match="PRM_CHROMIUM"):
        browser.ensure(paths, progress.Progress())


def test_a_snap_stub_is_not_a_browser(monkeypatch, tmp_path):
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'Command requires: snap install chromium'\n")
    stub.chmod(0o755)
    monkeypatch.delenv("PRM_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find() == ""


def _hold(path: Path, shared: bool, ready, leave) -> None:
    with FileLock(path, shared=shared):
        ready.set()
        leave.wait(30)


@pytest.fixture
def held(tmp_path):
    """Start a process that holds a lock, as shared or not."""
    context = multiprocessing.get_context("spawn")
    leave = context.Event()
    processes = []

    def start(shared: bool) -> Path:
        ready = context.Event()
        path = tmp_path / "a.lock"
        process = context.Process(target=_hold, args=(path, shared, ready, leave))
        process.start()
        processes.append(process)
        assert ready.wait(30)
        return path

    yield start
    leave.set()
    for process in processes:
        process.join(30)


def test_a_held_lock_names_its_holder(held):
    path = held(False)
    lines: list[str] = []
    with pytest.raises(SetupError, match=r"the work \(process \d+\): stop it"):
        FileLock(path).acquire("the work", lines.append, timeout=0.3)
    assert len(lines) == 1
    assert lines[0].startswith("Waiting: the work (process ")


def test_shared_locks_exclude_only_exclusive_ones(held):
    path = held(True)
    with FileLock(path, shared=True):
        assert not FileLock(path).try_acquire()


def test_an_addon_hash_changes_with_its_code_only(paths):
    folder = paths.root / "prm_partner"
    (folder / "tests").mkdir(parents=True)
    (folder / "a.py").write_text("a = 1\n")
    first = paths.addon_hash("prm_partner")
    (folder / "tests" / "test_a.py").write_text("b = 1\n")
    assert paths.addon_hash("prm_partner") == first
    (folder / "a.py").write_text("a = 2\n")
    assert paths.addon_hash("prm_partner") != first


def test_a_clone_keeps_its_id(tmp_path, paths):
    paths.data.mkdir()
    moved = Paths(tmp_path / "moved", paths.data, paths.cache)
    other = Paths(paths.root, tmp_path, paths.cache)
    assert paths.clone_id() == moved.clone_id() != other.clone_id()


def test_the_clone_has_all_addons():
    assert Paths.from_environment().addons() == list(ADDONS)


def test_mails_are_written_to_files(tmp_path):
    with MailSink(tmp_path) as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@x.example", ["b@x.example"], "Subject: Hi\n\nline\n.dotted\n")
        client.sendmail("a@x.example", ["c@x.example"], "Subject: Again\n\ntext\n")
    texts = [path.read_text() for path in sorted(tmp_path.glob("*.eml"))]
    assert len(texts) == 2
    assert "\n.dotted\n" in texts[0].replace("\r\n", "\n")
    assert "Subject: Again" in texts[1]


def test_requests_are_read_from_the_log():
    lines = [
        "2026-11-24 05:00:00,000 12 INFO prm werkzeug: 127.0.0.1 - - [24/Nov/2026 05:00:00] "
        '"POST /json/2/res.users/read?x=1 HTTP/1.1" 200 - 31 0.012 0.100',
        "2026-11-24 05:00:00,000 12 INFO prm werkzeug: 127.0.0.1 - - [24/Nov/2026 05:00:00] "
        '"GET /web/static/a.js HTTP/1.1" 200 - - - -',
        "2026-11-24 05:00:00,000 12 INFO prm odoo.modules.loading: Modules loaded.",
    ]
    (request,) = request_log.requests(lines)
    assert (request.method, request.path, request.status) == (
        "POST",
        "/json/2/res.users/read?x=1",
        200,
    )
    assert request.queries == 31
    assert request.seconds == pytest.approx(0.112)


def test_goals_of_benchmarks():
    assert benches.Row("a", 5, "s", 6).met
    assert not benches.Row("a", 7, "s", 6).met
    assert benches.Row("a", 7, "rows/s", 6, at_least=True).met
    assert benches.Row("a", 7, "s").met
    assert json.loads(json.dumps(benches.Row("a", 7, "s", 6).as_dict()))["met"] is False


def test_an_unknown_benchmark_is_explained():
    benches.discover(Paths.from_environment().root)
    assert "main_job" in benches.select([])
    with pytest.raises(SetupError, match=r"no benchmark nothing; there are: .*main_job"):
        benches.select(["nothing"])


def test_manifest_problems_are_found(tmp_path):
    addon = tmp_path / "prm_x"
    (addon / "views").mkdir(parents=True)
    (addon / "views" / "forgotten.xml").write_text("<odoo/>")
    (addon / "__manifest__.py").write_text(repr({"version": "1.0", "data": ["data/gone.xml"]}))
    text = "\n".join(manifests.problems(addon))
    for part in (
        "license has to be 'LGPL-3'",
        "summary is missing",
        "version has to look like",
        "data/gone.xml does not exist",
        "views/forgotten.xml exists, but is not loaded",
        "static/description/icon.png is missing",
    ):
        assert part in text


def test_raised_rights_without_a_reason_are_found(tmp_path):
    addon = tmp_path / "prm_x"
    (addon / "tests").mkdir(parents=True)
    raised = "self.sudo().name = 1\n"
    (addon / "tests" / "test_x.py").write_text(raised)
    (addon / "good.py").write_text(f"# sudo: only the name is written.\n{raised}x.sudo(False)\n")
    (addon / "bad.py").write_text(f"{raised}self.env(su=True)\nx.with_user(SUPERUSER_ID)\n")
    template = '<t t-out="doc.sudo().name"/>\n'
    (addon / "good.xml").write_text(f"<!-- sudo: the name is public. -->\n{template}")
    (addon / "bad.xml").write_text(template)
    found = list(rights.problems(addon))
    places = [tuple(Path(text).name.split(":")[:2]) for text in found]
    assert places == [("bad.py", "1"), ("bad.py", "2"), ("bad.py", "3"), ("bad.xml", "1")]


def test_broken_xml_is_found(tmp_path):
    (tmp_path / "a.xml").write_text("<odoo><record></odoo>")
    (tmp_path / "b.xml").write_text("<odoo/>")
    (problem,) = xml_files.problems(tmp_path)
    assert problem.startswith(str(tmp_path / "a.xml"))


def test_translation_problems_are_found(tmp_path):
    translations = importlib.import_module("prm_setup.checks.translations")
    i18n = tmp_path / "prm_x" / "i18n"
    i18n.mkdir(parents=True)
    entry = 'msgid "{}"\nmsgstr "{}"\n\n'
    (i18n / "prm_x.pot").write_text(entry.format("One", "") + entry.format("Two", ""))
    good = entry.format("One", "Один") + entry.format("Two", "")
    (i18n / "ru.po").write_text(good + "#, fuzzy\n" + entry.format("X", "Y"), encoding="utf-8")
    found = list(translations.problems(tmp_path / "prm_x", {"One", "Two", "X", "New"}))
    problems = [problem.removeprefix(f"{i18n}/") for problem in found]
    assert problems == [
        "prm_x.pot: lacks 'New'",
        "prm_x.pot: lacks 'X'",
        "ru.po: lacks 'New'",
        "ru.po: not translated 'Two'",
        "ru.po: fuzzy 'X'",
    ]
    assert any("no terms" in text for text in translations.problems(tmp_path / "prm_x", set()))


def test_terms_are_told_apart_by_addon(tmp_path):
    translations = importlib.import_module("prm_setup.checks.translations")
    pot = tmp_path / "fresh.pot"
    pot.write_text(
        '#. module: prm_x\n#. odoo-python\n#: code:a.py:0\nmsgid "One"\nmsgstr ""\n\n'
        '#. modules: prm_x, prm_y\n#: model:b\nmsgid "Both"\nmsgstr ""\n'
    )
    assert translations.terms_by_addon(pot) == {"prm_x": {"One", "Both"}, "prm_y": {"Both"}}


def test_demo_logins_are_shown_with_their_passwords():
    text = demo_logins.table(demo=True)
    logins = [login for login, _, _ in demo_logins.DEMO_LOGINS]
    assert all(login in text for login in logins)
    assert demo_logins.table(demo=False).split() == ["admin", "admin", "administrator"]
