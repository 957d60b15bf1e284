"""Which tickets a link means: its conditions in SQL, and the same in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from control_tower_dash.filters import DIMENSIONS, Filters, Period, Predicate
from control_tower_dash.formats import readable
from control_tower_dash.queries.backlog import AGES, open_at_end
from control_tower_dash.queries.decided_targets import decided_targets
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["BY", "NARROWING", "SHOW", "Choice", "choice_of"]

SHOW: Final[Mapping[str, tuple[str, str, str]]] = {
    "all": ("All", "", "true"),
    "open": ("Open", "that are open", "outcomes.is_open"),
    "solved": ("Solved", "that were solved", "outcomes.solved_at is not null"),
    "breached": ("Missed a target", "that missed a target", "outcomes.is_breached"),
    "at_risk": (
        "Likely to miss a target",
        "with a running SLA clock at critical or high risk",
        "outcomes.ticket_id in (select ticket_id from alerts.at_risk_tickets "
        "where risk in ('critical', 'high'))",
    ),
    "reopened": ("Reopened", "that were reopened", "outcomes.reopens > 0"),
    "escalated": ("Escalated", "that were escalated", "outcomes.escalations > 0"),
    "skipped_first_reply": (
        "Without first reply",
        "that went without a first reply",
        "outcomes.ticket_id in (select ticket_id from process_mining.conformance "
        "where list_contains(deviations, 'skipped first reply'))",
    ),
    "rated": ("Rated", "that were rated", "outcomes.csat_score is not null"),
    "low_csat": ("Rated 1 or 2", "rated 1 or 2", "outcomes.csat_score <= 2"),
    "churned": (
        "Customer left after",
        "whose customer left within ninety days",
        "outcomes.churned_within_90_days",
    ),
}
"""What is shown, by its name in the URL: label, words in a sentence, and condition."""

BY: Final[Mapping[str, str]] = {
    "created": "Created",
    "solved": "Solved",
    "decided": "SLA target decided",
    "rated": "Rated",
    "open": "Open at its end",
}
"""What has to fall into the period, by its name in the URL."""

_RATINGS: Final = {"rated": "true", "low_csat": "ratings.score <= 2"}
_LARGEST_KEY: Final = 2**63 - 1


@dataclass(frozen=True)
class Choice:
    """The tickets meant.

    Attributes:
        where: Condition on marts.ticket_outcomes as outcomes.
        words: The same as the rest of a sentence that begins with `tickets`.
        not_understood: A sentence for every condition of the link that means nothing.
    """

    where: Predicate
    words: str
    not_understood: tuple[str, ...]


@dataclass(frozen=True)
class _Condition:
    sql: str
    parameters: tuple[object, ...] = ()
    words: str = ""


def choice_of(reader: Reader, filters: Filters) -> Choice:
    """Return which tickets the filters and the options of the tickets page mean.

    The tickets of a recommendation are its own, whatever the period; deleted ones never count.
    """
    narrowing, not_understood = _narrowing(reader, filters)
    population = _of_action(reader, filters) or _of_period(reader, filters)
    conditions = [population, *_shown(filters), *narrowing]
    dimensions = _dimensions_in_words(filters)
    clauses = [condition.words for condition in conditions[1:] if condition.words]
    return Choice(
        where=Predicate(
            " and ".join(["not outcomes.is_deleted", *(part.sql for part in conditions)]),
            tuple(value for part in conditions for value in part.parameters),
        ),
        words=f"{population.words}{dimensions}{', ' if clauses else ''}{' and '.join(clauses)}",
        not_understood=tuple(not_understood),
    )


def _of_action(reader: Reader, filters: Filters) -> _Condition | None:
    action = filters.option("action")
    if action is None:
        return None
    title = reader.query(
        "select title from recommendations.actions where action_id = ?", [action]
    ).to_series()
    name = title[0] if len(title) else action
    dimensions = filters.where("outcomes")
    return _Condition(
        f"""outcomes.ticket_id in (
            select ticket_id from recommendations.evidence
            where action_id = ? and ticket_id is not null
        ) and {dimensions.sql}""",  # noqa: S608
        (action, *dimensions.parameters),
        f"that the recommendation “{name}” shows as evidence, whatever the period",
    )


def _of_period(reader: Reader, filters: Filters) -> _Condition:
    period = asked_for(reader, filters)
    by = filters.choice("by", tuple(BY))
    days = (period.begins, period.ends)
    if by == "open":
        return _open(reader, filters, period)
    if by == "decided":
        targets = decided_targets(filters)
        is_missed = filters.option("show") == "breached"
        return _Condition(
            f"outcomes.ticket_id in (select ticket_id from ({targets.sql}) "  # noqa: S608
            f"where decided_at >= ? and decided_at < ?{' and not is_met' if is_missed else ''})",
            (*targets.parameters, *days),
            f"{'that missed an SLA target' if is_missed else 'with an SLA target decided'} "
            f"{_in_words(period)}",
        )
    dimensions = filters.where("outcomes")
    if by == "rated":
        score = _score(filters)
        wanted = _RATINGS.get(filters.option("show") or "", "true")
        return _Condition(
            "outcomes.ticket_id in (select ratings.ticket_id "  # noqa: S608
            "from staging.stg_satisfaction_ratings as ratings where ratings.rated_at >= ? "
            f"and ratings.rated_at < ? and {wanted} and (?::bigint is null or ratings.score = ?)) "
            f"and {dimensions.sql}",
            (*days, score, score, *dimensions.parameters),
            f"rated {_in_words(period)}",
        )
    column = {"created": "outcomes.created_at", "solved": "outcomes.solved_at"}[by]
    return _Condition(
        f"{column} >= ? and {column} < ? and {dimensions.sql}",
        (*days, *dimensions.parameters),
        f"{by} {_in_words(period)}",
    )


def _open(reader: Reader, filters: Filters, period: Period) -> _Condition:
    left = open_at_end(reader, filters, period)
    age = next((age for age in AGES if age.name == filters.option("age")), None)
    bounds = (age.from_hours, age.below_hours) if age else (float("-inf"), float("inf"))
    return _Condition(
        f"outcomes.ticket_id in (select ticket_id from ({left.sql}) "  # noqa: S608
        "where age_hours >= ? and age_hours < ?)",
        (*left.parameters, *bounds),
        f"open at the end of {readable(period.last, 'day')}"
        f"{f' and {age.label} old then' if age else ''}",
    )


def _shown(filters: Filters) -> list[_Condition]:
    show, by = filters.choice("show", tuple(SHOW)), filters.choice("by", tuple(BY))
    _, words, sql = SHOW[show]
    is_said = filters.option("action") is None and (
        (by == "decided" and show == "breached") or (by, show) == ("open", "open")
    )
    if is_said or show == "all":
        return []
    if by == "rated" and show in _RATINGS and filters.option("action") is None:
        return [_Condition("true", words=words if show == "low_csat" else "")]
    return [_Condition(sql, words=words)]


def _variant(_: Reader, said: str) -> _Condition | None:
    number = int(said) if said.isascii() and said.isdigit() else 0
    if not 0 < number <= _LARGEST_KEY:
        return None
    return _Condition(
        "outcomes.variant_id = ?", (number,), f"that went the way of variant {number:,}"
    )


def _deviation(_: Reader, said: str) -> _Condition | None:
    return _Condition(
        "outcomes.ticket_id in (select ticket_id from process_mining.conformance "
        "where list_contains(deviations, ?))",
        (said,),
        f"that left the path by “{said}”",
    )


def _through(_: Reader, said: str) -> _Condition | None:
    return _Condition(
        "outcomes.ticket_id in (select ticket_id from staging.stg_ticket_events "
        "where coalesce(group_name, 'Unassigned') = ?)",
        (said,),
        f"that were ever with {said}",
    )


_NARROW: Final[Mapping[str, Callable[[Reader, str], _Condition | None]]] = {
    "variant": _variant,
    "deviation": _deviation,
    "through": _through,
}

NARROWING: Final = (*_NARROW, "from_activity", "to_activity", "action", "score", "age")
"""Options by which links narrow the list down further than the page's own controls do."""


def _narrowing(reader: Reader, filters: Filters) -> tuple[list[_Condition], list[str]]:
    found: list[_Condition] = []
    not_understood = [
        f"“{name}={filters.option(name)}” means nothing here; it was left out."
        for name, choices in (("show", SHOW), ("by", BY))
        if filters.option(name) not in (None, *choices)
    ]
    for name, condition_of in _NARROW.items():
        said = filters.option(name)
        condition = condition_of(reader, said) if said is not None else None
        if condition:
            found.append(condition)
        elif said is not None:
            not_understood.append(f"“{name}={said}” means nothing here; it was left out.")
    before, after = filters.option("from_activity"), filters.option("to_activity")
    if before is not None and after is not None:
        found.append(
            _Condition(
                "outcomes.ticket_id in (select ticket_id from intermediate.int_ticket_states "
                "where previous_activity = ? and activity = ?)",
                (before, after),
                f"that went from {before} straight to {after}",
            )
        )
    elif before is not None or after is not None:
        not_understood.append("A step needs both from_activity and to_activity; it was left out.")
    if filters.option("score") is not None:
        score = _score(filters)
        if score is None:
            not_understood.append("A score is 1, 2, 3, 4 or 5; it was left out.")
        elif filters.choice("by", tuple(BY)) == "rated" and filters.option("action") is None:
            found.append(_Condition("true", words=f"with a score of {score}"))
        else:
            found.append(
                _Condition("outcomes.csat_score = ?", (score,), f"with a score of {score}")
            )
    age = filters.option("age")
    is_open = filters.choice("by", tuple(BY)) == "open" and filters.option("action") is None
    if age is not None and (age not in {known.name for known in AGES} or not is_open):
        not_understood.append(f"“age={age}” means nothing here; it was left out.")
    return found, not_understood


def _score(filters: Filters) -> int | None:
    said = filters.option("score")
    return int(said) if said in ("1", "2", "3", "4", "5") else None


def _in_words(period: Period) -> str:
    if period.days == 1:
        return f"on {readable(period.first, 'day')}"
    return f"from {readable(period.first, 'day')} to {readable(period.last, 'day')}"


def _dimensions_in_words(filters: Filters) -> str:
    names = {"tier": "customer tier"}
    return "".join(
        f", {names.get(name, name)} {' or '.join(getattr(filters, name))}"
        for name in DIMENSIONS
        if getattr(filters, name)
    )
