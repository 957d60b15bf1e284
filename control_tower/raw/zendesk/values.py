"""Single values of a JSON record from Zendesk, checked as they are taken out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from control_tower.raw.event_log.times import EARLIEST, LATEST
from control_tower.raw.zendesk.errors import ZendeskError

__all__ = ["Record", "as_record", "records_in", "take_key", "take_moment", "take_text"]

Record = Mapping[str, Any]

_LARGEST: Final = 2**63 - 1
_LONGEST_SHOWN: Final = 40


def as_record(value: object, where: str) -> Record:
    """Return a JSON object as it is.

    Raises:
        ZendeskError: If it is none.
    """
    if not isinstance(value, dict):
        raise ZendeskError(f"{where} is no JSON object but {_shown(value)}; fetch or export again")
    return value


def records_in(record: Record, name: str, where: str) -> list[Record]:
    """Return the list of objects a record holds under a name; none if it is not there.

    Raises:
        ZendeskError: If it is no list of objects.
    """
    values = record.get(name) or []
    if not isinstance(values, list):
        raise _refusal(where, name, values, "is no list")
    return [as_record(value, f"{where}, {name}") for value in values]


def take_key(record: Record, name: str, where: str, *, needed: bool = False) -> int | None:
    """Return a whole number, also one written as text; None if it is not there.

    Raises:
        ZendeskError: If it is no whole number, or missing though needed.
    """
    value = record.get(name)
    if value is None or value == "":
        if needed:
            raise _missing(name, where)
        return None
    number: int | None = None
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
        number = int(value) if len(value) < 25 else None
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    if number is None or abs(number) > _LARGEST:
        raise _refusal(where, name, value, "is no whole number")
    return number


def take_moment(record: Record, name: str, where: str, *, needed: bool = False) -> datetime | None:
    """Return a moment in UTC, from ISO 8601 or seconds since 1970; None if it is not there.

    Raises:
        ZendeskError: If it is no moment, or missing though needed.
    """
    value = record.get(name)
    if value is None or value == "":
        if needed:
            raise _missing(name, where)
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            raise _refusal(where, name, value, "is no time")
    except (OverflowError, OSError, ZendeskError, ValueError):
        raise _refusal(where, name, value, "is no time") from None
    if not EARLIEST <= moment < LATEST:
        raise _refusal(where, name, value, "is no time a ticket can have")
    return moment


def take_text(record: Record, name: str, where: str, *, needed: bool = False) -> str | None:
    """Return a text without blanks around it; None if it is not there or empty.

    Raises:
        ZendeskError: If it is a list or an object, or missing though needed.
    """
    value = record.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        raise _refusal(where, name, value, "is no text")
    text = "" if value is None else str(value).strip()
    if needed and not text:
        raise _missing(name, where)
    return text or None


def _missing(name: str, where: str) -> ZendeskError:
    return ZendeskError(f"{where} has no {name}, which is needed; fetch or export it again")


def _refusal(where: str, name: str, value: object, what: str) -> ZendeskError:
    return ZendeskError(f"{where}: {name} {_shown(value)} {what}; fetch or export it again")


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
