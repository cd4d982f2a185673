"""What the server's log says about the requests it has served."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# the line that Werkzeug logs for each request ends with what Odoo has measured:
# number of queries, seconds in the database, seconds elsewhere
_REQUEST = re.compile(
    r'werkzeug: \S+ - - \[[^]]*\] "(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d+) \S+ '
    r"(?P<queries>\d+) (?P<database>[\d.]+) (?P<elsewhere>[\d.]+)"
)


@dataclass(frozen=True)
class Request:
    """One request.

    :param queries: number of SQL queries
    :param database: seconds spent in the database
    :param elsewhere: seconds spent in Python
    """

    method: str
    path: str
    status: int
    queries: int
    database: float
    elsewhere: float

    @property
    def seconds(self) -> float:
        """Seconds that the server needed for it."""
        return self.database + self.elsewhere


def requests(lines: Iterable[str]) -> list[Request]:
    """Requests in the lines of a log; those without measurements (static files) are left out."""
    found = (_REQUEST.search(line) for line in lines)
    return [
        Request(
            match["method"],
            match["path"],
            int(match["status"]),
            int(match["queries"]),
            float(match["database"]),
            float(match["elsewhere"]),
        )
        for match in found
        if match
    ]
