"""Two transactions that meet, each as Odoo runs a request: repeated when it came second."""

import logging
import threading
from contextlib import contextmanager
from functools import partial
from unittest.mock import Mock, patch

from odoo import api
from odoo.service.model import retrying

PATIENCE = 60
# Odoo waits a random time before it repeats a request
AT_ONCE = Mock(uniform=lambda _low, _high: 0.0)


class Request:
    """A call by a user in a transaction of its own.

    ``outcome`` is "done" or the message of the error that the user gets.

    :param user: who calls
    :param function: what is called, with an environment
    """

    def __init__(self, env, user, function):
        self.cr = env.registry.cursor()
        self.env = api.Environment(self.cr, user.id, {"lang": "en_US"})
        self.function = function
        self.outcome = ""

    def run(self):
        """Do it, without the commit."""
        self.function(self.env)
        self.env.flush_all()
        self.outcome = "done"

    def end(self):
        """Commit what was done."""
        self.cr.commit()
        self.cr.close()

    def serve(self):
        """Do it and commit, as a thread of the server does."""
        try:
            with patch("odoo.service.model.random", AT_ONCE):
                retrying(partial(self.function, self.env), self.env)
            self.outcome = "done"
        except Exception as error:
            self.outcome = f"{type(error).__name__}: {error}"
        finally:
            self.cr.close()


def race(env, first, second):
    """Let a request begin before another one is committed.

    :return: dict with both ``outcomes``, and whether the second one ``waited`` for the first
    """
    first.run()
    with meanwhile(env, second) as waited:
        first.end()
    env.invalidate_all()
    env.cr.rollback()  # to see what they have written
    return {"outcomes": [first.outcome, second.outcome], "waited": waited}


@contextmanager
def meanwhile(env, request):
    """Run a request in a thread: the block begins when it waits for somebody, or is done."""
    pid = request.cr.connection.info.backend_pid
    thread = threading.Thread(target=request.serve, name="second")
    thread.start()
    try:
        yield _wait_for_lock(env, pid, thread)
    finally:
        thread.join(PATIENCE)
    if thread.is_alive():
        raise TimeoutError("The second request did not end.")


def _wait_for_lock(env, pid, thread):
    with env.registry.cursor() as cr:
        for _attempt in range(PATIENCE * 100):
            cr.execute("SELECT pg_blocking_pids(%s) != '{}'", [pid])
            if cr.fetchone()[0]:
                return True
            thread.join(0.01)
            if not thread.is_alive():
                return False
    raise TimeoutError("The second request neither waits nor ends.")


@contextmanager
def listening(level=logging.ERROR):
    """The messages that are logged meanwhile, from a level on.

    What PostgreSQL says of a statement is left out: whoever sent it may know what to do.
    """
    messages = []
    handler = logging.Handler(level)
    handler.addFilter(lambda record: record.name != "odoo.sql_db")
    handler.emit = lambda record: messages.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    try:
        yield messages
    finally:
        logging.getLogger().removeHandler(handler)
