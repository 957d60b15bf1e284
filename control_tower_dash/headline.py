"""The one sentence that matters today, chosen from the figures."""

from collections.abc import Mapping

import polars as pl

from control_tower_dash.formats import readable

__all__ = ["headline"]

_A_GAP_THAT_MATTERS = 1.0


def headline(figures: pl.DataFrame, facts: Mapping[str, pl.DataFrame]) -> str:
    """Return a sentence on what presses most: clocks about to run out, people missing, a fall.

    Args:
        figures: Columns metric, value, before.
        facts: risks (group_name, clocks, breached), capacity (group_name, gap_fte_days, lo_80;
            largest gap first), actions (title; the first one matters most).
    """
    clauses = [
        clause
        for clause in (_risks(facts["risks"]), _people(facts["capacity"]), _course(figures))
        if clause
    ]
    if not clauses:
        return "Nothing presses today: no clock is about to run out and no group is short."
    sentence = "; ".join(clauses[:2])
    action = facts["actions"]
    advice = f" First thing to do: {_lower(action['title'].item(0))}." if action.height else ""
    return f"{sentence[:1].upper()}{sentence[1:]}.{advice}"


def _risks(risks: pl.DataFrame) -> str | None:
    clocks = int(risks["clocks"].sum())
    if not clocks:
        return None
    worst = risks.row(0, named=True)
    of_which = "" if risks.height == 1 else f", {worst['clocks']} of them in {worst['group_name']}"
    noun = "SLA clock is" if clocks == 1 else "SLA clocks are"
    return f"{clocks:,} running {noun} likely to be missed{of_which}"


def _people(capacity: pl.DataFrame) -> str | None:
    short = capacity.filter(pl.col("gap_fte_days") >= _A_GAP_THAT_MATTERS)
    if short.is_empty():
        return None
    worst = short.row(0, named=True)
    sure = "" if worst["lo_80"] is None or worst["lo_80"] > 0 else ", if volume comes as forecast"
    return (
        f"{worst['group_name']} is {readable(worst['gap_fte_days'], 'fte_days')} short over the "
        f"coming 30 days{sure}"
    )


def _course(figures: pl.DataFrame) -> str | None:
    row = figures.row(by_predicate=pl.col("metric") == "sla_attainment", named=True)
    now, before = row["value"], row["before"]
    if now is None:
        return None
    if before is None:
        return f"SLA attainment is {now:.1%}"
    moved = "rose" if now > before else "fell" if now < before else "stayed"
    return f"SLA attainment {moved} from {before:.1%} to {now:.1%}"


def _lower(text: str) -> str:
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"
