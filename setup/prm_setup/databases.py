"""The databases of a clone: templates with Odoo's own modules, and those with our add-ons.

================== ================================================================
prm_template_demo  Odoo's modules that the add-ons need, with demo data
prm_template       the same without demo data, made only for ``--no-demo``
prm_ready          prm_template_demo and the add-ons; nobody ever connects to it
prm_test, prm_e2e  copies of prm_ready, made anew for every test run, as is prm_race
prm, prm_empty     served by ``./setup/run``, with and without demo data
================== ================================================================
"""

import ast
import hashlib
import json

from . import odoo_modules, python_env
from . import pg_databases as pg
from .errors import CommandError, SetupError
from .locks import FileLock
from .progress import Progress, human_size
from .project import Project
from .shell import tree_size

# What the add-ons depend on, and what makes the back end useful. New dependencies in a manifest are
# added by themselves; listed here, they do not make the template anew with every branch.
STOCK_MODULES = (
    "account",
    "contacts",
    "crm",
    "mail",
    "partnership",
    "portal",
    "sale_crm",
    "sale_management",
    "website",
    "website_crm_partner_assign",
    "website_slides_survey",
)
LANGUAGES = ("en_US", "ru_RU")
READY = "prm_ready"
# scheduled actions that send data of the database to servers on the internet
OUTSIDE_CRONS = (
    "crm_iap_enrich.ir_cron_lead_enrichment",
    "mail.ir_cron_module_update_notification",
    "sms.ir_cron_sms_scheduler_action",
    "snailmail.snailmail_print",
)


def stock_modules(project: Project) -> list[str]:
    """Odoo's own modules that the template holds."""
    names = set(STOCK_MODULES)
    for addon in project.paths.addons():
        manifest = project.paths.root / addon / "__manifest__.py"
        names.update(ast.literal_eval(manifest.read_text(encoding="utf-8")).get("depends", ()))
    return sorted(names - set(project.paths.addons()))


def ensure_template(project: Project, demo: bool, progress: Progress) -> str:
    """Have the template database.

    :return: its name
    """
    name = "prm_template_demo" if demo else "prm_template"
    modules = stock_modules(project)
    parts = [project.odoo_version, modules, demo, LANGUAGES, OUTSIDE_CRONS]
    # without a superuser some indexes are missing: such a dump is of use for such a server only
    parts += [python_env.lock_hash(project.paths), bool(project.superuser)]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    if pg.contents(project, name).get("key") != key:
        _make_template(project, name, key, modules, demo, progress)
    return name


def _make_template(project, name, key, modules, demo, progress) -> None:
    cached = project.paths.cache / "templates" / key
    fresh = f"{name}_new"
    with FileLock(project.paths.cache / f"template-{key}.lock") as lock:
        lock.path.touch()
        if not (cached.exists() and _restore_template(project, cached, fresh, progress)):
            title = f"Database with Odoo's own modules, {'with' if demo else 'without'} demo data"
            with progress.step(title) as step:
                pg.drop(project, fresh)
                pg.create(project, fresh)
                odoo_modules.apply(
                    project,
                    fresh,
                    install=modules,
                    demo=demo,
                    languages=LANGUAGES,
                    step=step,
                    verbose=progress.verbose,
                )
                _stay_inside(project, fresh)
                step.note(_size(project, fresh))
                pg.dump(project, fresh, cached)
                step.note(f"{human_size(tree_size(cached))} kept in the cache")
    pg.rename(project, fresh, name)
    pg.remember(project, name, {"key": key})


def _restore_template(project, cached, fresh, progress) -> bool:
    """Another clone has made the same template: its dump is restored in less time."""
    try:
        with progress.step("Database with Odoo's own modules, from the cache") as step:
            pg.restore(project, cached, fresh)
            step.note(_size(project, fresh))
    except CommandError as error:
        progress.say(f"  the cached copy is of no use and is made anew: {error}")
        return False
    return True


def _stay_inside(project: Project, name: str) -> None:
    names = ", ".join(f"'{cron}'" for cron in OUTSIDE_CRONS)
    project.connection.sql(
        "UPDATE ir_cron SET active = false WHERE id IN (SELECT res_id FROM ir_model_data"
        f" WHERE model = 'ir.cron' AND module || '.' || name IN ({names}))",
        name,
    )


def _size(project: Project, name: str) -> str:
    size = project.admin.sql(f"SELECT pg_database_size('{name}')")
    return f"{human_size(int(size))} database"


def ensure_ready(project: Project, progress: Progress) -> str:
    """Have the pristine database with all add-ons and demo data, made from the current code.

    :return: its name
    """
    template = ensure_template(project, True, progress)
    wanted = _state(project, template, True)
    if pg.contents(project, READY) != wanted:
        _build(project, READY, template, wanted, progress)
    return READY


def _state(project: Project, template: str, demo: bool) -> dict:
    addons = {name: project.paths.addon_hash(name) for name in project.paths.addons()}
    return {"template": pg.contents(project, template)["key"], "demo": demo, "addons": addons}


def _build(project: Project, name: str, template: str, state: dict, progress: Progress) -> None:
    """Copy the template, install the add-ons under another name, then give the name."""
    fresh = f"{name}_new"
    addons = list(state["addons"])
    if not addons:
        raise SetupError(f"There is no add-on in {project.paths.root}: is the clone complete?")
    demo = ", with demo data" if state["demo"] else ""
    with progress.step(f"Database {name}: {len(addons)} add-ons{demo}") as step:
        pg.copy(project, template, fresh)
        odoo_modules.apply(
            project,
            fresh,
            install=addons,
            demo=state["demo"],
            step=step,
            verbose=progress.verbose,
        )
        pg.rename(project, fresh, name)
        pg.remember(project, name, state)
        step.note(_size(project, name))


def ensure_served(project: Project, name: str, demo: bool, progress: Progress) -> None:
    """Have the database that ``./setup/run`` serves, upgraded to the current code.

    :raise SetupError: it was made by somebody else, or with the other kind of data
    """
    found = pg.contents(project, name)
    if not found and pg.exists(project, name):
        raise SetupError(
            f"The database {name} was not made by ./setup/run: choose another with --db, "
            "or replace it with --reset."
        )
    if found and found["demo"] != demo:
        kind = "with" if found["demo"] else "without"
        raise SetupError(
            f"The database {name} was made {kind} demo data: choose another with --db, "
            "or replace it with --reset."
        )
    if not found:
        template = ensure_template(project, demo, progress)
        _build(project, name, template, _state(project, template, demo), progress)
    else:
        _upgrade(project, name, found, progress)


def _upgrade(project: Project, name: str, found: dict, progress: Progress) -> None:
    """Upgrade the add-ons whose files have changed; Odoo adds those that depend on them."""
    addons = {addon: project.paths.addon_hash(addon) for addon in project.paths.addons()}
    known = found["addons"]
    changed = [addon for addon in addons if addon in known and addons[addon] != known[addon]]
    new = [addon for addon in addons if addon not in known]
    if not changed and not new:
        return
    title = f"Database {name}: {', '.join(changed + new)} changed"
    with progress.step(title) as step:
        odoo_modules.apply(
            project,
            name,
            install=new,
            update=changed,
            demo=found["demo"],
            step=step,
            verbose=progress.verbose,
        )
    pg.remember(project, name, found | {"addons": addons})


def set_address(project: Project, name: str, address: str) -> None:
    """Make links in mails, and pages that become PDF documents, use the server's address."""
    project.connection.sql(
        f"UPDATE ir_config_parameter SET value = '{address}' WHERE key = 'web.base.url'", name
    )
