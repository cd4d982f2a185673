"""``./setup/odoo``: Odoo's own command line with the project's configuration."""

from ..prepare import prepared
from ..progress import Progress
from ..shell import supervise


def main(argv: list[str]) -> int:
    """Pass everything through, standard input too.

    :return: Odoo's exit status
    """
    with prepared(Progress()) as project:
        return supervise(project.odoo(*argv), env=project.environment())
