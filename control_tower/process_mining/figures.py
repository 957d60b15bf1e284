"""What a person is shown of each table: a few figures and an extract that can be read."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from control_tower.presentation import markdown_table, readable_hours, readable_share

__all__ = ["readable_extracts"]

_ROWS: Final = 8
_BAR: Final = 20
_NOT_KNOWN: Final = "-"


def readable_extracts(made: Mapping[str, pl.DataFrame]) -> Mapping[str, Mapping[str, str]]:
    """Return figures and Markdown tables by table: what is most worth knowing of each."""
    return {
        "transitions": {"most_frequent_steps": _steps(made["transitions"])},
        "variants": {
            "variants_for_80_percent": _variants_for(made["variants"], 0.8),
            "most_frequent_variants": _variants(made["variants"]),
        },
        "reference_path": {"held_against": _reference(made["reference_path"])},
        "conformance": _conformance(made["conformance"]),
        "conformance_summary": {"what_deviations_cost": _deviations(made["conformance_summary"])},
        "bottlenecks": {"groups_by_score": _bottlenecks(made["bottlenecks"])},
        "handovers": {"most_frequent_handovers": _handovers(made["handovers"])},
        "rework": {"most_repeated": _rework(made["rework"])},
    }


def _steps(table: pl.DataFrame) -> str:
    return _shown(
        table,
        {
            "from": pl.col("from_activity"),
            "to": pl.col("to_activity"),
            "times": pl.col("count"),
            "of all from there": _share("share_of_from"),
            "median": _hours("median_hours"),
            "90 % within": _hours("p90_hours"),
            "median, opening hours": _hours("business_median_hours"),
        },
    )


def _variants(table: pl.DataFrame) -> str:
    return _shown(
        table,
        {
            "variant": pl.col("variant_id"),
            "path": pl.col("path"),
            "tickets": pl.col("tickets"),
            "share": _share("share"),
            "": _bar("share"),
            "median cycle": _hours("median_cycle_hours"),
            "breached": _share("breach_rate"),
        },
    )


def _variants_for(table: pl.DataFrame, share: float) -> str:
    if table.is_empty():
        return "no tickets with events"
    needed = table.filter(pl.col("cumulative_share") < share).height + 1
    return f"{min(needed, table.height):,} of {table.height:,} variants"


def _reference(table: pl.DataFrame) -> str:
    if table.is_empty():
        return "no path, since no ticket is finished"
    path = " → ".join(table["activity"])
    reason = "; no activity of the path asked for is in the log" if table["is_from_log"][0] else ""
    return f"{table['path_name'][0]}: {path}{reason}"


def _conformance(table: pl.DataFrame) -> Mapping[str, str]:
    if table.is_empty():
        return {"conformant": "no tickets to judge"}
    conformant = table.filter("is_conformant").height
    mean = table.select(pl.col("fitness").mean()).item()
    return {
        "conformant": f"{readable_share(conformant / table.height)} of {table.height:,} tickets",
        "mean_fitness": f"{mean:.3f}",
    }


def _deviations(table: pl.DataFrame) -> str:
    return _shown(
        table,
        {
            "deviation": pl.col("deviation"),
            "tickets": pl.col("tickets"),
            "share": _share("share"),
            "compared": pl.col("compared_tickets"),
            "extra cycle hours": _signed("extra_cycle_hours", "{:+.1f} h"),
            "extra breach rate": _signed("extra_breach_rate", "{:+.1%}"),
        },
    )


def _bottlenecks(table: pl.DataFrame) -> str:
    return _shown(
        table,
        {
            "rank": pl.col("rank"),
            "group": pl.col("group_name"),
            "score": pl.col("bottleneck_score").round(1),
            "tickets": pl.col("tickets"),
            "median in group": _hours("median_hours_in_group"),
            "waiting": _share("waiting_share"),
            "breached": _share("breach_rate"),
        },
    )


def _handovers(table: pl.DataFrame) -> str:
    return _shown(
        table,
        {
            "from": pl.col("from_group"),
            "to": pl.col("to_group"),
            "times": pl.col("count"),
            "median before": _hours("median_hours"),
            "came straight back": _share("share_came_back"),
        },
    )


def _rework(table: pl.DataFrame) -> str:
    return _shown(
        table,
        {
            "activity": pl.col("activity"),
            "repeats": pl.col("repeats"),
            "tickets": pl.col("tickets_with_rework"),
            "share": _share("share"),
            "median to the next": _hours("median_hours"),
        },
    )


def _shown(table: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> str:
    top = table.head(_ROWS).select(column.alias(name) for name, column in columns.items())
    return markdown_table(top, rows=_ROWS)


def _share(column: str) -> pl.Expr:
    return _worded(column, readable_share)


def _hours(column: str) -> pl.Expr:
    return _worded(column, readable_hours)


def _signed(column: str, pattern: str) -> pl.Expr:
    return _worded(column, pattern.format)


def _bar(column: str) -> pl.Expr:
    return _worded(column, lambda share: "█" * max(round(share * _BAR), 1))


def _worded(column: str, word: Callable[[float], str]) -> pl.Expr:
    texts = pl.col(column).map_elements(word, return_dtype=pl.String)
    return texts.fill_null(_NOT_KNOWN)
