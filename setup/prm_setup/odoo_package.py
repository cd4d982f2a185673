"""Debian's package ``odoo-19``, unpacked into the cache: no root rights, no change to the system.

apt itself fetches it and verifies signatures and checksums; only its folders are ours.
"""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from .errors import CommandError, SetupError
from .locks import FileLock
from .paths import Paths
from .progress import Progress, human_size
from .shell import run, tree_size

# odoo-19 is in sid only; it links to files of the others. The two fonts are taken from bookworm:
# newer ones lack the files that Odoo's links point to.
PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "node-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-ocr-b",
    "fonts-font-awesome/bookworm",
    "fonts-inconsolata/bookworm",
)
SUITES = ("sid", "bookworm")
INSIDE = Path("usr/lib/python3/dist-packages/odoo")
# removed by Debian for its licence; without a file in its place every back-end page logs an error
SELFIE = Path("addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")
KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
HELP = (
    "set ODOO_HOME to a source checkout of Odoo 19.0, or PRM_DEBIAN_MIRROR to the address of a "
    "Debian mirror"
)


def ensure(paths: Paths, progress: Progress) -> Path:
    """Have the package in the cache.

    :return: its folder ``odoo``
    :raise SetupError: no apt, no mirror, no keyring, no network
    """
    if found := _unpacked(paths):
        return found
    with FileLock(paths.cache / "odoo.lock") as lock:
        lock.path.touch()
        return _unpacked(paths) or _fetch(paths, progress)


def _unpacked(paths: Paths) -> Path | None:
    """The newest one that was unpacked to its end: folders get their name last."""
    folders = sorted((paths.cache / "odoo").glob("19.*/"), key=lambda path: path.stat().st_mtime)
    return folders[-1] / INSIDE if folders else None


def _fetch(paths: Paths, progress: Progress) -> Path:
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise SetupError(f"Odoo 19 cannot be fetched, as {tool} is missing: {HELP}.")
    work = paths.cache / "odoo" / "fetch"
    shutil.rmtree(work, ignore_errors=True)
    options = _apt_options(work)
    log = paths.logs / "odoo-package.log"
    with progress.step("Odoo 19 (Debian package, about 145 MB)") as step:
        debs = _download(work, options, log, step)
        step.note(f"{human_size(tree_size(work))} downloaded")
        root = work / "root"
        for deb in debs:
            step.update(f"unpacking {deb.name}")
            run(["dpkg-deb", "-x", deb, root], f"Unpacking {deb.name}", log=log)
        _repair(root)
        step.note(f"{human_size(tree_size(root))} on disk")
        version = re.search(r"odoo-19_([^_]+)_", " ".join(deb.name for deb in debs))[1]
        final = work.parent / version
        root.replace(final)
        shutil.rmtree(work, ignore_errors=True)
    return final / INSIDE


def _download(work: Path, options: list[str], log: Path, step) -> list[Path]:
    def on_tick() -> None:
        step.update(human_size(tree_size(work)))

    try:
        run(
            ["apt-get", *options, "update"],
            "Reading the lists of Debian's packages",
            log=log,
            on_tick=on_tick,
        )
        run(
            ["apt-get", *options, "download", *PACKAGES],
            "Downloading Odoo's Debian package",
            log=log,
            cwd=work,
            on_tick=on_tick,
        )
    except CommandError as error:
        raise SetupError(
            f"Odoo 19 cannot be downloaded from {debian_mirror()}: check the network, or {HELP}. "
            f"Details are in {log}."
        ) from error
    debs = sorted(work.glob("*.deb"))
    if len(debs) != len(PACKAGES):
        raise SetupError(f"Some of Odoo's packages are missing in {work}: see {log}.")
    return debs


def _apt_options(work: Path) -> list[str]:
    """Options that give apt folders of our own, and nothing of the system's but its proxy."""
    mirror = debian_mirror()
    keyring = next((path for path in KEYRINGS if os.path.exists(path)), None)
    if not keyring:
        raise SetupError(
            f"Debian's signing keys are missing: apt-get install debian-archive-keyring, or {HELP}."
        )
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    lines = [f"deb [signed-by={keyring}] {mirror} {suite} main\n" for suite in SUITES]
    (work / "sources.list").write_text("".join(lines))
    settings = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "/nonexistent",
        "Dir::State::Lists": work / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": work / "cache",
        "Acquire::Languages": "none",
        # apt's own user cannot write into the home of another one
        "APT::Sandbox::User": pwd.getpwuid(os.getuid()).pw_name,
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def debian_mirror() -> str:
    """The Debian mirror that the system's apt uses, or PRM_DEBIAN_MIRROR.

    :raise SetupError: this is not Debian and no mirror was named
    """
    if mirror := os.environ.get("PRM_DEBIAN_MIRROR"):
        return mirror.rstrip("/")
    if os_release().get("ID") == "debian":
        for line in _apt_targets():
            uri, suite = line.split("|")
            if "security" not in suite and "security" not in uri:
                return uri.rstrip("/")
    raise SetupError(f"The packages of this system do not include Odoo 19: {HELP}.")


def _apt_targets() -> list[str]:
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)"]
    command += ["Created-By: Packages", "Component: main"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = result.stdout.splitlines()
    # "main" of other vendors' repositories: Debian's are those with a folder of that name
    debian = [line for line in lines if re.search(r"/debian/?\|", line)]
    return [line for line in debian or lines if line.count("|") == 1]


def os_release() -> dict[str, str]:
    """``/etc/os-release`` as a dictionary, empty where there is none."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key: value.strip('"') for key, _, value in pairs}


def _repair(root: Path) -> None:
    """Put the file that was left out in its place, and refuse links that lead nowhere."""
    selfie = root / INSIDE / SELFIE
    selfie.parent.mkdir(parents=True, exist_ok=True)
    selfie.touch()
    broken = [path for path in root.rglob("*") if path.is_symlink() and not path.exists()]
    if broken:
        names = ", ".join(str(path.relative_to(root)) for path in broken[:3])
        raise SetupError(
            f"Odoo's Debian package links to files that are in none of the packages we know "
            f"({names}): {HELP}."
        )
