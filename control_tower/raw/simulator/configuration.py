"""The simulated team's numbers: one file, every value checked, parts of it replaceable."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import yaml
from holidays import list_supported_countries
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from control_tower.raw.contract import METRICS, PRIORITIES

__all__ = [
    "ConfigurationError",
    "Group",
    "SimulatorConfiguration",
    "Spread",
    "group_capacity",
    "load_configuration",
]

_DEFAULT = Path(__file__).with_name("default.yaml")

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Shares = dict[str, Share]


class ConfigurationError(ValueError):
    """The simulator's configuration cannot be used."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _adds_up(shares: Mapping[str, float]) -> None:
    if not shares or abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"the shares add up to {sum(shares.values()):g}; let them add up to 1")


def _by_priority(values: Mapping[str, Any]) -> None:
    if set(values) != set(PRIORITIES):
        raise ValueError(f"give one value each for {', '.join(PRIORITIES)}")


class Spread(_Part):
    """A log-normal quantity: its mean and its standard deviation over the mean."""

    mean: Positive
    variation: NotNegative


class Bursts(_Part):
    """Days on which something breaks and many write at once."""

    probability_per_day: Share
    mean_tickets: Positive
    mean_hours: Positive
    priorities: Shares

    @model_validator(mode="after")
    def _shares(self) -> "Bursts":
        _by_priority(self.priorities)
        _adds_up(self.priorities)
        return self


class Arrivals(_Part):
    """How volume moves: growth, months, weekdays, hours, holidays, bursts."""

    growth_per_year: Annotated[float, Field(gt=-1, lt=10)]
    months: Annotated[tuple[NotNegative, ...], Field(min_length=12, max_length=12)]
    weekdays: Annotated[tuple[NotNegative, ...], Field(min_length=7, max_length=7)]
    hours: Annotated[tuple[NotNegative, ...], Field(min_length=24, max_length=24)]
    on_holiday: NotNegative
    bursts: Bursts

    @model_validator(mode="after")
    def _somebody_writes(self) -> "Arrivals":
        if not (any(self.months) and any(self.weekdays) and any(self.hours)):
            raise ValueError("months, weekdays and hours each need a value above 0")
        return self


class TicketMix(_Part):
    """What tickets are: types, priorities by type, channels, tiers, and what becomes of a few."""

    types: Shares
    priorities: dict[str, Shares]
    channels: Shares
    customer_tiers: Shares
    deleted: Share
    merged: Share

    @model_validator(mode="after")
    def _shares(self) -> "TicketMix":
        for shares in (self.types, self.channels, self.customer_tiers):
            _adds_up(shares)
        if set(self.priorities) != set(self.types):
            raise ValueError(f"priorities: give shares for each of {', '.join(self.types)}")
        for shares in self.priorities.values():
            _by_priority(shares)
            _adds_up(shares)
        return self


class Group(_Part):
    """A group of people: how many, when they work, how long a ticket takes, what they pass on."""

    name: Annotated[str, Field(min_length=1)]
    fte: Positive
    productive_hours_per_day: Positive
    shift_hours: Annotated[float, Field(gt=0, le=24)]
    shift_starts: Annotated[tuple[Annotated[float, Field(ge=0, lt=24)], ...], Field(min_length=1)]
    shrinkage: Annotated[float, Field(ge=0, lt=1)]
    target_occupancy: Annotated[float, Field(gt=0, le=1)]
    hourly_cost_usd: NotNegative
    handle_minutes: Spread
    escalation: Shares
    hold: Share

    @model_validator(mode="after")
    def _fits(self) -> "Group":
        if self.productive_hours_per_day > self.shift_hours:
            raise ValueError("productive_hours_per_day is more than shift_hours; lower it")
        return self


class Work(_Part):
    """How tickets are worked on."""

    handling_speedup_per_year: Annotated[float, Field(gt=-1, lt=10)]
    type_factors: dict[str, Positive]
    triage_share: Annotated[float, Field(gt=0, le=1)]
    reply_after: Share
    without_reply: Shares
    pending: Share
    pending_hours: Spread
    hold_hours: Spread
    priority_raised: Share
    reopened: Share
    reopened_per_escalation: Share
    reopen_hours: Spread
    closes_after_days: Positive


class Satisfaction(_Part):
    """How customers rate what they got."""

    response: Share
    response_hours: Spread
    best: Annotated[float, Field(ge=1, le=6)]
    expected_hours: dict[str, Positive]
    per_doubling: NotNegative
    per_reopen: NotNegative
    per_escalation: NotNegative
    noise: NotNegative

    @model_validator(mode="after")
    def _priorities(self) -> "Satisfaction":
        _by_priority(self.expected_hours)
        return self


class Churn(_Part):
    """How many customers leave after a ticket."""

    customer_tiers: Shares
    per_point_lost: NotNegative


class OpeningHours(_Part):
    """When the business-hours clock runs, Monday to Friday, hours of the local day."""

    name: Annotated[str, Field(min_length=1)]
    opens: Annotated[float, Field(ge=0, lt=24)]
    closes: Annotated[float, Field(gt=0, le=24)]

    @model_validator(mode="after")
    def _in_order(self) -> "OpeningHours":
        if self.closes <= self.opens:
            raise ValueError("closes is not after opens; let the day end after it begins")
        return self


class Policy(_Part):
    """SLA targets in minutes by metric and priority, for one ticket type or all."""

    name: Annotated[str, Field(min_length=1)]
    ticket_type: str | None
    targets: dict[str, dict[str, Positive]]
    calendar_priorities: tuple[str, ...]

    @model_validator(mode="after")
    def _known(self) -> "Policy":
        for metric, targets in self.targets.items():
            if metric not in METRICS:
                raise ValueError(f"targets: {metric!r} is not one of {', '.join(METRICS)}")
            if unknown := set(targets) - set(PRIORITIES):
                raise ValueError(f"targets: {unknown.pop()!r} is not one of {PRIORITIES}")
        if unknown := set(self.calendar_priorities) - set(PRIORITIES):
            raise ValueError(f"calendar_priorities: {unknown.pop()!r} is not one of {PRIORITIES}")
        return self


class SimulatorConfiguration(_Part):
    """Everything the simulation runs on; `default.yaml` says what each number is."""

    history_epoch: date
    time_zone: str
    holidays: str | None
    reference_tickets_per_year: Annotated[int, Field(gt=0)]
    arrivals: Arrivals
    tickets: TicketMix
    groups: Annotated[tuple[Group, ...], Field(min_length=1, max_length=8)]
    work: Work
    satisfaction: Satisfaction
    churn: Churn
    opening_hours: OpeningHours
    policies: tuple[Policy, ...]

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("not an IANA time zone; use a name such as Europe/Berlin") from None
        return name

    @field_validator("holidays")
    @classmethod
    def _country(cls, code: str | None) -> str | None:
        if code is not None and code not in list_supported_countries():
            raise ValueError("not a country with known holidays; use a code such as DE, or null")
        return code

    @model_validator(mode="after")
    def _parts_agree(self) -> "SimulatorConfiguration":
        types, channels = set(self.tickets.types), set(self.tickets.channels)
        for what, given, wanted in (
            ("work.type_factors", set(self.work.type_factors), types),
            ("work.without_reply", set(self.work.without_reply), channels),
            (
                "churn.customer_tiers",
                set(self.churn.customer_tiers),
                set(self.tickets.customer_tiers),
            ),
            *((f"groups.{g.name}.escalation", set(g.escalation), types) for g in self.groups),
        ):
            if given != wanted:
                raise ValueError(f"{what}: give one value each for {', '.join(sorted(wanted))}")
        for policy in self.policies:
            if policy.ticket_type is not None and policy.ticket_type not in types:
                raise ValueError(f"policies: {policy.ticket_type!r} is not one of tickets.types")
        if any(self.groups[-1].escalation.values()):
            raise ValueError("the last group has nobody to escalate to; set its escalation to 0")
        if len({group.name for group in self.groups}) < len(self.groups):
            raise ValueError("groups: two have the same name; rename one")
        return self

    def epoch(self) -> datetime:
        """Return the moment history starts, UTC."""
        return datetime.combine(self.history_epoch, datetime.min.time(), tzinfo=UTC)

    def staffed(self, group: Group, tickets_per_year: int) -> float:
        """Return a group's full-time equivalents at a volume; nobody runs a group alone in part."""
        scaled = group.fte * tickets_per_year / self.reference_tickets_per_year
        return max(1.0, round(scaled, 2))


@cache
def _default() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_DEFAULT.read_text(encoding="utf-8"))
    return loaded


def load_configuration(path: Path | None) -> SimulatorConfiguration:
    """Return the built-in team's configuration, with what a file says in place of the default.

    Mappings are merged key by key; lists and values are replaced whole.

    Raises:
        ConfigurationError: If the file cannot be read, or a key or a value of it is not usable.
    """
    given: dict[str, Any] = {}
    if path is not None:
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path} cannot be read: {error}") from error
        except yaml.YAMLError as error:
            detail = " ".join(str(error).split())
            raise ConfigurationError(f"{path} is not YAML: {detail}") from error
        if not isinstance(loaded, dict):
            raise ConfigurationError(f"{path} holds no settings; write them as 'name: value'")
        given = loaded
    try:
        return SimulatorConfiguration.model_validate(_merged(_default(), given))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        says = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            says = "there is no such setting; see the names in default.yaml"
        elif isinstance(first["input"], str | int | float):
            says = f"{first['input']!r} is not usable: {says}"
        raise ConfigurationError(f"{path or _DEFAULT}, {where}: {says}") from error


def _merged(default: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in given.items():
        below = default.get(key)
        # Shares are one list of names: a part of them would not add up.
        if isinstance(value, dict) and isinstance(below, dict) and key not in _WHOLE:
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


_WHOLE = ("types", "channels", "customer_tiers", "priorities")


def group_capacity(configuration: SimulatorConfiguration, tickets_per_year: int) -> pl.DataFrame:
    """Return how many people each group has and how much of their time tickets get.

    Returns:
        group_name, fte, productive_hours_per_day, shrinkage, target_occupancy; one row a group.
    """
    return pl.DataFrame(
        [
            {
                "group_name": group.name,
                "fte": configuration.staffed(group, tickets_per_year),
                "productive_hours_per_day": group.productive_hours_per_day,
                "shrinkage": group.shrinkage,
                "target_occupancy": group.target_occupancy,
            }
            for group in configuration.groups
        ]
    )
