"""The tables of the data page, with their words."""

from typing import Final

import polars as pl

from control_tower.recommendations.words import plural
from control_tower_dash.elements import Column, Element
from control_tower_dash.formats import readable
from control_tower_dash.queries import data as queries

__all__ = ["DATA_ELEMENTS"]

_NOTHING: Final[frozenset[str]] = frozenset()
_NO_SLA_FIGURES: Final = "This source supplies no SLA figures of its own."
_HAS_SLA_FIGURES: Final = (
    "select 1 from duckdb_tables() where schema_name = 'marts' "
    "and table_name = 'sla_reconciliation' and estimated_size > 0"
)


def _checks_caption(frame: pl.DataFrame) -> str:
    kept = frame.filter(pl.col("outcome") == queries.OUTCOMES["passed"]).height
    rest = frame.height - kept
    if not rest:
        return f"All {plural(frame.height, 'check')} of this snapshot passed."
    return (
        f"{kept:,} of {plural(frame.height, 'check')} passed; the "
        f"{'other one is' if rest == 1 else f'other {rest:,} are'} listed first."
    )


def _tables_caption(frame: pl.DataFrame) -> str:
    held = frame.filter(pl.col("rows").is_not_null())
    outside = frame.height - held.height
    others = (
        ""
        if not outside
        else f" {plural(outside, 'table')} without a row count "
        f"{'is' if outside == 1 else 'are'} kept outside the snapshot."
    )
    return (
        f"{plural(held.height, 'table')} with {int(held['rows'].sum()):,} rows in this snapshot."
        f"{others}"
    )


def _forecasts_caption(frame: pl.DataFrame) -> str:
    used = frame.filter(pl.col("champion") != "")
    better = used.filter(pl.col("mase") < 1).height
    return (
        f"For {better:,} of {used.height:,} series the model in use errs by less than a day "
        "usually differs from the same day a week before (MASE below 1). "
        "A fair 80% range holds 80% of days."
    )


def _risk_caption(frame: pl.DataFrame) -> str:
    first = frame.row(0, named=True)
    said = (
        f"Over {first['clocks']:,} clocks, the chances of {first['method_label'].lower()} were "
        f"{100 * first['calibration_error']:.1f} percentage points off on average; "
        f"{100 * first['error_by_chance']:.1f} would be luck alone."
    )
    if first["auc"] is None:
        return said
    return (
        f"{said} Of a missed and a kept target it put the missed one higher in "
        f"{readable(first['auc'], 'share')} of pairs."
    )


def _reconciled_caption(frame: pl.DataFrame) -> str:
    compared, agreeing, unexplained = (
        int(frame[name].sum()) for name in ("compared", "agreeing", "unexplained")
    )
    return (
        f"{agreeing:,} of {plural(compared, 'figure')} agree with the source's within a minute; "
        f"{unexplained:,} differ without a known reason."
    )


def _differences_caption(frame: pl.DataFrame) -> str:
    return f"{plural(frame.height, 'difference')} without a known reason, the largest first."


DATA_ELEMENTS: Final = (
    Element(
        "data-checks",
        "Checks",
        queries.checks,
        (
            Column("outcome", "Outcome", width=110),
            Column("table_name", "Table", width=240),
            Column("check_name", "Check", width=300),
            Column("says", "What it said", width=320),
        ),
        caption=_checks_caption,
        empty="This snapshot was published without its checks; run make pipeline to have them.",
        applies=_NOTHING,
    ),
    Element(
        "data-tables",
        "Tables",
        queries.tables,
        (
            Column("table_name", "Table", width=250),
            Column("description", "What it holds", width=420),
            Column("rows", "Rows", "count"),
            Column("built_at", "Built (UTC)", "moment"),
            Column("age_hours", "Age", "hours"),
        ),
        caption=_tables_caption,
        empty="This snapshot holds no tables; run make pipeline.",
        applies=_NOTHING,
    ),
    Element(
        "data-forecasts",
        "How accurate the forecasts are",
        queries.forecasts,
        (
            Column("series", "Series", width=170),
            Column("measure", "Of tickets", width=100),
            Column("model", "Model", width=190),
            Column("champion", "Chosen", width=95),
            Column(
                "mase",
                "MASE",
                "score",
                "Mean absolute error, as a multiple of the usual change from one week's day to the "
                "same day a week on, in the history before the test.",
            ),
            Column("rmsse", "RMSSE", "score", "As MASE, with large errors counting for more."),
            Column(
                "smape",
                "sMAPE",
                "share",
                "Error over the sum of forecast and fact, 0 to 100%",
            ),
            Column(
                "coverage_80", "In 80% range", "share", "Days that fell in the range meant for 80%"
            ),
            Column(
                "coverage_95", "In 95% range", "share", "Days that fell in the range meant for 95%"
            ),
            Column("windows", "Tests", "count", "Times it forecast days it had not seen"),
            Column("days_tested", "Days tested", "count"),
        ),
        caption=_forecasts_caption,
        empty="There was too little history to test a forecast.",
        applies=_NOTHING,
    ),
    Element(
        "data-risk",
        "How far to trust the risk of a missed target",
        queries.risk_methods,
        (
            Column("method_label", "Estimated by", width=250),
            Column("clocks", "Clocks", "count", "Clocks judged before their end was known"),
            Column("moments", "Moments", "count", "Past moments at which they were judged"),
            Column("breach_rate", "Missed", "share", "Share of these clocks that missed"),
            Column("brier_score", "Brier score", "score", "Mean squared error; 0 is perfect"),
            Column(
                "calibration_error",
                "Calibration error",
                "share",
                "How far the chances said and the shares that came true lie apart on average",
            ),
            Column(
                "error_by_chance",
                "By chance alone",
                "share",
                "The calibration error that perfect chances would show for this many clocks",
            ),
            Column(
                "auc",
                "AUC",
                "score",
                "How often a clock that missed was put above one that kept; 0.5 is a coin",
            ),
        ),
        caption=_risk_caption,
        empty="Too few SLA targets were decided in the past to test the risk.",
        applies=_NOTHING,
    ),
    Element(
        "data-sla",
        "SLA figures against the source's own",
        queries.sla_reconciled,
        (
            Column("metric_label", "Metric", width=200),
            Column("compared", "Compared", "count"),
            Column("agreeing", "Within a minute", "count", width=110),
            Column("explained", "Differ, reason known", "count", width=120),
            Column("unexplained", "Differ, unexplained", "count", width=120),
        ),
        caption=_reconciled_caption,
        source_needs=_HAS_SLA_FIGURES,
        missing=_NO_SLA_FIGURES,
        applies=_NOTHING,
    ),
    Element(
        "data-sla-differences",
        "Largest unexplained differences",
        queries.sla_differences,
        (
            Column("ticket_id", "Ticket", "ticket"),
            Column("metric_label", "Metric", width=180),
            Column("instance", "Number", "count"),
            Column("ours_minutes", "Ours", "minutes"),
            Column("theirs_minutes", "The source's", "minutes", width=110),
            Column("difference_minutes", "Difference", "minutes", width=110),
        ),
        caption=_differences_caption,
        empty="No SLA figure differs from the source's own without a known reason.",
        source_needs=_HAS_SLA_FIGURES,
        missing=_NO_SLA_FIGURES,
        applies=_NOTHING,
        shown_rows=100,
    ),
)
