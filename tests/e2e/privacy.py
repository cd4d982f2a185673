"""What one partner could learn of another, by every road that a portal user has.

Whatever is asked about a record of somebody else must be answered as it is for a record that does
not exist, or be refused.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .client import Client, RpcError

UNKNOWN = 99_999_999
# Kinds of refusal that say nothing about the record.
REFUSED = {"AccessError", "MissingError", "Forbidden", "NotFound", "403", "404"}

Records = Mapping[str, list[int]]


class Refusal:
    """Stands for every refusal that says nothing."""


def _ask(call: Callable, subject: Any) -> Any:
    """What a call answers about records, refusals that say nothing alike."""
    try:
        return call(subject)
    except RpcError as error:
        return Refusal if error.kind in REFUSED else (error.kind, error.message)


def _compare(calls: Mapping[str, Callable], subjects: list, model: str, unknown: Any) -> list[str]:
    """What answers otherwise about these records than about one that does not exist.

    :param subjects: what the calls take: an id, or a list of ids
    :param unknown: the same of a record that does not exist
    """
    expected = {name: _ask(call, unknown) for name, call in calls.items()} if subjects else {}
    return [
        f"{model}({subject}) {name}: {str(answer)[:200]}"
        for subject in subjects
        for name, call in calls.items()
        if (answer := _ask(call, subject)) is not Refusal and answer != expected[name]
    ]


def check_records(client: Client, records: Records) -> list[str]:
    """Try to find, count, group, name, read, export and change records by remote calls.

    :param records: ids that the user must know nothing of, by model
    :return: what the user got to know, in words; empty if nothing
    """
    leaks = []
    for model, ids in records.items():
        together = [ids] if ids else []
        leaks += _compare(_get_list_calls(client, model), together, model, [UNKNOWN])
        leaks += _compare(_get_record_calls(client, model), ids, model, UNKNOWN)
    return leaks


def _get_list_calls(client: Client, model: str) -> dict[str, Callable[[list[int]], Any]]:
    """Calls that look for records."""

    def call(method: str, ids: list[int], *args: Any) -> Any:
        return client.call(model, method, [("id", "in", ids)], *args)

    return {
        "search": lambda ids: call("search", ids),
        "search_count": lambda ids: call("search_count", ids),
        "search_read": lambda ids: call("search_read", ids, ["id"]),
        "web_search_read": lambda ids: call("web_search_read", ids, {"id": {}}),
        "formatted_read_group": lambda ids: call("formatted_read_group", ids, [], ["__count"]),
        "web_read_group": lambda ids: call("web_read_group", ids, ["create_uid"]),
        "name_search": lambda ids: client.call(model, "name_search", "", [("id", "in", ids)]),
    }


def _get_record_calls(client: Client, model: str) -> dict[str, Callable[[int], Any]]:
    """Calls on one record."""
    try:
        readable = sorted(client.call(model, "fields_get", [], attributes=["type"]))
    except RpcError:
        readable = ["id"]

    def call(method: str, record: int, *args: Any) -> Any:
        return client.call(model, method, [record], *args)

    return {
        "read": lambda record: call("read", record, readable),
        "web_read": lambda record: call("web_read", record, {"display_name": {}}),
        "export": lambda record: call("export_data", record, ["display_name"]),
        "copy": lambda record: call("copy", record),
        "write": lambda record: call("write", record, {"display_name": "mine"}),
        "unlink": lambda record: call("unlink", record),
    }


def check_external(client: Client, key: str, records: Records) -> list[str]:
    """Try to find and read records by the external API.

    :param key: the user's key
    """

    def call(model: str, method: str, **arguments: Any) -> Any:
        return client.external(key, model, method, **arguments)

    leaks = []
    for model, ids in records.items():
        calls = {
            "external search": lambda record, model=model: call(
                model, "search", domain=[["id", "=", record]]
            ),
            "external read": lambda record, model=model: call(
                model, "read", ids=[record], fields=["display_name"]
            ),
        }
        leaks += _compare(calls, ids, model, UNKNOWN)
    return leaks


def check_actions(client: Client, model: str, ids: list[int], methods: Mapping) -> list[str]:
    """Try to act on records of somebody else.

    :param methods: arguments by name of the method
    :return: the actions that were done, or not refused as for a record that does not exist
    """
    calls = {
        method: lambda record, method=method, args=args: client.call(model, method, [record], *args)
        for method, args in methods.items()
    }
    return _compare(calls, ids, model, UNKNOWN)


def check_chatter(client: Client, records: Records) -> list[str]:
    """Try to read and post messages of records, by the routes of the chatter and as records.

    :param records: ids by model, of models with a chatter
    """
    return [
        leak
        for model, ids in records.items()
        for leak in _compare(_get_chatter_calls(client, model), ids, model, UNKNOWN)
    ]


def _get_chatter_calls(client: Client, model: str) -> dict[str, Callable[[int], Any]]:
    def thread(record: int) -> dict[str, Any]:
        return {"thread_model": model, "thread_id": record}

    post = {"post_data": {"body": "Hello", "message_type": "comment"}}
    fetch = {"fetch_params": {}}
    return {
        "thread": lambda record: client.json("/mail/thread/messages", {**thread(record), **fetch}),
        "portal": lambda record: client.json("/mail/chatter_fetch", {**thread(record), **fetch}),
        "post": lambda record: client.json("/mail/message/post", {**thread(record), **post}),
        "messages": lambda record: client.call(
            "mail.message", "search_count", [("model", "=", model), ("res_id", "=", record)]
        ),
    }


def check_addresses(client: Client, patterns: Records, strict: bool = True) -> list[str]:
    """Open addresses of somebody else.

    :param patterns: ids by pattern of the address
    :param strict: whether the answer must be the one for a record that does not exist
    :return: those that are not refused
    """
    leaks = []
    for pattern, ids in patterns.items():
        expected = client.get(pattern.format(UNKNOWN)).status_code
        for record in ids:
            status = client.get(pattern.format(record)).status_code
            if status not in (403, 404) or (strict and status != expected):
                leaks.append(f"{pattern.format(record)} answers {status}, not {expected}")
    return leaks


def check_words(client: Client, paths: Iterable[str], words: Iterable[str]) -> list[str]:
    """Look for words of somebody else in the user's own pages.

    :return: where which word stands
    """
    leaks = []
    for path in paths:
        content = client.get(path).text
        leaks += [f"“{word}” stands on {path}" for word in words if word in content]
    return leaks
