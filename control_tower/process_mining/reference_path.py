"""The way a ticket should go: a path written down, or else the commonest one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from control_tower.process_mining.alignment import LONGEST_REFERENCE
from control_tower.process_mining.event_log import EventLog
from control_tower.process_mining.paths import PATH_ARROW, Paths

__all__ = [
    "HAPPY_PATH",
    "ChosenPath",
    "ReferencePath",
    "ReferencePathError",
    "chosen_path",
    "is_finished",
    "load_reference_path",
]

_CLOSED_AFTER_MICROSECONDS: Final = 4 * 86_400 * 1_000_000

Step = Annotated[str, Field(min_length=1)]


class ReferencePathError(ValueError):
    """The file with the reference path cannot be used."""


class ReferencePath(BaseModel):
    """The documented way of a ticket, and the activities whose deviations have names of their own.

    Attributes:
        name: What the path is called.
        steps: Activities in their order.
        first_reply: The activity by which a customer first hears from the desk.
        escalation: The activity that takes a ticket to a later group.
        reopening: The activity that brings a solved ticket back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Step = "happy path"
    steps: tuple[Step, ...] = Field(min_length=1, max_length=LONGEST_REFERENCE)
    first_reply: Step = "replied"
    escalation: Step = "escalated"
    reopening: Step = "reopened"

    @model_validator(mode="before")
    @classmethod
    def _bare_list_is_the_steps(cls, value: object) -> object:
        return {"steps": value} if isinstance(value, list) else value


HAPPY_PATH: Final = ReferencePath(steps=("created", "assigned", "replied", "solved", "closed"))
"""The way of a ticket at the built-in team."""


@dataclass(frozen=True)
class ChosenPath:
    """The path a log is held against.

    Attributes:
        reference: The path.
        is_from_log: Whether it is the log's commonest path, since it knows no step of the one
            asked for.
    """

    reference: ReferencePath
    is_from_log: bool

    @property
    def described(self) -> str:
        """The path in words."""
        return f"{self.reference.name}: {PATH_ARROW.join(self.reference.steps)}"


def load_reference_path(path: Path) -> ReferencePath:
    """Read a reference path from a YAML file: a list of activities, or keys as `ReferencePath` has.

    Raises:
        ReferencePathError: If the file is missing, is not YAML, or holds no path.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ReferencePathError(
            f"the reference path {path} cannot be read: {reason}; name a YAML file with its steps"
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ReferencePathError(
            f"the reference path {path}{place} is not YAML; write 'steps:' and below it one "
            "activity a line, each after a hyphen"
        ) from None
    try:
        return ReferencePath.model_validate(content)
    except ValidationError as error:
        (first, *_) = error.errors()
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ReferencePathError(
            f"the reference path {path}, {place}: {first['msg'].lower()}; write 'steps:' and "
            "below it one activity a line, each after a hyphen"
        ) from None


def is_finished(log: EventLog) -> npt.NDArray[np.bool_]:
    """Return, by ticket, whether its way is over: closed, or solved at least four days ago.

    Solved tickets are closed by automation after four days; until then they are under way. A
    ticket of which no status is known is taken to be over.
    """
    tickets = log.tickets
    finished = tickets["status"].is_null() | (tickets["status"] == "closed")
    if log.as_of is not None:
        solved_at = tickets["solved_at"].dt.cast_time_unit("us").to_physical()
        is_old = solved_at <= log.as_of - _CLOSED_AFTER_MICROSECONDS
        finished |= (tickets["status"] == "solved") & is_old.fill_null(value=False)
    return finished.fill_null(value=True).to_numpy()


def chosen_path(log: EventLog, paths: Paths, wanted: ReferencePath) -> ChosenPath | None:
    """Return the path to hold a log against.

    It is the one asked for if the log knows any of its activities; else the commonest path of
    finished tickets of at most `LONGEST_REFERENCE` steps; None if there is no such path.
    """
    names = log.activities.to_list()
    if set(wanted.steps) & set(names):
        return ChosenPath(wanted, is_from_log=False)
    finished = np.bincount(paths.of_ticket[is_finished(log)], minlength=len(paths.tickets))
    finished[paths.lengths > LONGEST_REFERENCE] = 0
    if not finished.any():
        return None
    commonest = int(np.argmax(finished))
    codes = paths.activity[paths.starts[commonest] : paths.starts[commonest + 1]]
    steps = tuple(names[code] for code in codes)
    return ChosenPath(
        wanted.model_copy(update={"name": "commonest path of finished tickets", "steps": steps}),
        is_from_log=True,
    )
