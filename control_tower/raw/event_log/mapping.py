"""What the columns of an event log mean, as typed settings."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from control_tower.raw.event_log.schedule_mapping import Schedule, ZoneName
from control_tower.raw.event_log.times import ISO, tells_the_date

__all__ = [
    "FIELDS",
    "ROLES",
    "STATUS_OF_ROLE",
    "Activity",
    "Change",
    "Column",
    "EventLogMapping",
    "FileFormat",
    "Outcome",
    "Target",
]

Priority = Literal["urgent", "high", "normal", "low"]
Status = Literal["new", "open", "pending", "hold", "solved", "closed"]
Metric = Literal[
    "first_reply_time",
    "next_reply_time",
    "periodic_update_time",
    "requester_wait_time",
    "agent_work_time",
    "total_resolution_time",
    "group_ownership_time",
]

FIELDS: Final = ("group", "priority", "status", "ticket_type", "channel", "customer_tier")
"""Fields of a mapping that describe the ticket, in the order repairs are listed."""

ROLES: Final = (
    "agent_reply",
    "customer_reply",
    "escalated",
    "pending",
    "on_hold",
    "solved",
    "closed",
    "reopened",
)

STATUS_OF_ROLE: Final[Mapping[str, str]] = {
    "pending": "pending",
    "on_hold": "hold",
    "solved": "solved",
    "closed": "closed",
    "reopened": "open",
}
"""Roles that set a ticket's status, and the status they set."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _column_alone(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_as_list)]


class FileFormat(_Part):
    """How a CSV file is written; what is not said is found out."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: Name = "utf-8"


class Column(_Part):
    """Where a field comes from: a column of the log, its values put in other words, or a constant.

    Attributes:
        column: Column of the log.
        constant: The value of every row, instead of a column.
        values: The log's values and what they are called here.
        prefix: Text put before values that `values` does not name.
    """

    column: Name | None = None
    constant: Name | None = None
    values: Mapping[str, Name] = {}
    prefix: str = ""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("a field comes from a column or is a constant; give one of the two")
        if self.constant is not None and (self.values or self.prefix):
            raise ValueError("a constant has no values or prefix; remove them")
        return self


class PriorityColumn(Column):
    """A column whose values are priorities, or stand for them."""

    constant: Priority | None = None
    values: Mapping[str, Priority] = {}


class StatusColumn(Column):
    """A column whose values are statuses, or stand for them."""

    constant: None = None
    values: Mapping[str, Status] = {}


class Change(_Part):
    """A column whose change is an event, named by the new value unless an activity is given."""

    column: Name
    activity: Name | None = None


class Activity(_Part):
    """What happened: one column, several joined, or the first of several that changed.

    Attributes:
        column: Column that names the activity.
        columns: Columns whose values together name it.
        separator: What is put between the values of `columns`.
        changes: Columns looked at in this order; the first whose value differs from the row before
            in the same case names the activity.
        otherwise: Name of an event in which none of them changed.
    """

    column: Name | None = None
    columns: Names = ()
    separator: str = " / "
    changes: tuple[Annotated[Change, BeforeValidator(_column_alone)], ...] = ()
    otherwise: Name = "Updated"

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum((self.column is not None, bool(self.columns), bool(self.changes))) != 1:
            raise ValueError("an activity comes from column, columns or changes; give one of them")
        return self

    @property
    def used_columns(self) -> tuple[str, ...]:
        """Columns of the log the activity is made from."""
        if self.column is not None:
            return (self.column,)
        return self.columns or tuple(change.column for change in self.changes)


def _readable_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in formats:
        if not tells_the_date(pattern):
            raise ValueError(
                f"{pattern!r} does not tell year, month and day; write it as %Y-%m-%d %H:%M:%S, "
                "%d/%m/%Y %H:%M or iso"
            )
    return formats


class Time(_Part):
    """When it happened.

    Attributes:
        column: Column with the time.
        formats: How times are written, tried in this order; `iso` is ISO 8601.
        zone: IANA zone of times that carry no offset.
    """

    column: Name
    formats: Annotated[
        tuple[Name, ...],
        BeforeValidator(_as_list),
        Field(min_length=1),
        AfterValidator(_readable_formats),
    ] = (ISO,)
    zone: ZoneName = "UTC"


class Roles(_Part):
    """Which activities mean what; an activity may have several roles but set one status.

    Attributes:
        agent_reply: A public reply of an agent; the first one is the first reply.
        customer_reply: The customer wrote.
        escalated: The ticket went to a later group; lands under the name `escalated`.
        pending: The desk waits for the customer.
        on_hold: The desk waits for someone else.
        solved: The work is done.
        closed: The ticket can no longer be reopened.
        reopened: Work begins again if the ticket was solved.
    """

    agent_reply: Names = ()
    customer_reply: Names = ()
    escalated: Names = ()
    pending: Names = ()
    on_hold: Names = ()
    solved: Names = ()
    closed: Names = ()
    reopened: Names = ()

    @model_validator(mode="after")
    def _one_status_each(self) -> Self:
        for rivals in (tuple(STATUS_OF_ROLE), ("agent_reply", "customer_reply")):
            role_of: dict[str, str] = {}
            for role in rivals:
                for activity in getattr(self, role):
                    other = role_of.setdefault(activity, role)
                    if other != role:
                        raise ValueError(
                            f"activity {activity!r} is listed under {other} and {role}; "
                            "keep one of them"
                        )
        return self


class Actors(_Part):
    """Resources that are not agents; they get no row among the agents."""

    customer: Names = ()
    system: Names = ()


class Target(_Part):
    """A target the desk has for one metric."""

    metric: Metric
    minutes: Annotated[
        Mapping[Priority, Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1)
    ]
    business_hours: bool = False


class Outcome(_Part):
    """A column that says whether the target was met; a ticket's last row counts."""

    column: Name
    met: Names
    missed: Names
    metric: Metric = "total_resolution_time"


class Sla(_Part):
    """The desk's targets by priority, or what the log says came of them."""

    policy_name: Name = "Service level agreement"
    targets: tuple[Target, ...] = ()
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.targets) == (self.outcome is not None):
            raise ValueError(
                "an SLA is told by targets or by a column (outcome); give one of the two"
            )
        metrics = [target.metric for target in self.targets]
        for metric in metrics:
            if metrics.count(metric) > 1:
                raise ValueError(f"metric {metric} has two targets; keep one")
        return self


class Amount(_Part):
    """A column of numbers: added up over a case's rows, or the same on each of them."""

    column: Name
    per: Literal["event", "case"] = "event"


TextColumn = Annotated[Column, BeforeValidator(_column_alone)]
AmountField = Annotated[Amount, BeforeValidator(_column_alone)]


class EventLogMapping(_Part):
    """What the columns of an event log mean. `docs/how-to/event-log.md` explains every key."""

    file: FileFormat = FileFormat()
    missing: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ("",)
    duplicates: Literal["refuse", "keep"] = "refuse"
    largest_unreadable_share: Annotated[float, Field(ge=0, le=1)] = 0.05

    case: Name
    activity: Annotated[Activity, BeforeValidator(_column_alone)]
    time: Annotated[Time, BeforeValidator(_column_alone)]
    created: Name | None = None
    resource: TextColumn | None = None
    group: TextColumn | None = None
    priority: Annotated[PriorityColumn, BeforeValidator(_column_alone)] | None = None
    status: Annotated[StatusColumn, BeforeValidator(_column_alone)] | None = None
    ticket_type: TextColumn | None = None
    channel: TextColumn | None = None
    customer_tier: TextColumn | None = None

    activities: Roles = Roles()
    actors: Actors = Actors()
    close_after_days: Annotated[float, Field(gt=0, le=3650)] | None = None

    sla: Sla | None = None
    schedule: Schedule | None = None
    handle_minutes: AmountField | None = None
    cost_usd: AmountField | None = None
    satisfaction: TextColumn | None = None

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        business = self.sla is not None and any(t.business_hours for t in self.sla.targets)
        if business and self.schedule is None:
            raise ValueError("a target in business hours needs a schedule; add one")
        if self.cost_usd is not None and self.handle_minutes is None:
            raise ValueError("cost_usd needs handle_minutes beside it; add that column")
        return self

    def columns(self) -> dict[str, str]:
        """Return the columns the mapping names, each with the key that names it."""
        found: dict[str, str] = {self.case: "case"}
        for name in self.activity.used_columns:
            found.setdefault(name, "activity")
        found.setdefault(self.time.column, "time")
        if self.created is not None:
            found.setdefault(self.created, "created")
        for key in ("resource", *FIELDS, "handle_minutes", "cost_usd", "satisfaction"):
            column = getattr(getattr(self, key), "column", None)
            if column is not None:
                found.setdefault(column, key)
        if self.sla is not None and self.sla.outcome is not None:
            found.setdefault(self.sla.outcome.column, "sla.outcome")
        return found
