"""The snapshot itself: its checks, its tables, and how well it forecasts and reads the clocks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.queries.at_risk import metric_label
from control_tower_dash.warehouse import Reader

__all__ = [
    "METHODS",
    "OUTCOMES",
    "age_hours",
    "checks",
    "forecasts",
    "risk_methods",
    "sla_differences",
    "sla_reconciled",
    "snapshot",
    "tables",
    "with_age",
]

OUTCOMES: Final[Mapping[str, str]] = {
    "failed": "✕ failed",
    "warned": "▲ warned",
    "passed": "✓ passed",
}
"""What a check said, with the sign that tells it apart without colour, the worst first."""

METHODS: Final[Mapping[str, str]] = {
    "survival": "Survival curves (in use)",
    "late_rate_by_type": "Share late of the ticket's type",
    "elapsed_share": "Share of the target elapsed",
}
"""How the chance of a missed target is estimated: the one in use and what it is held against."""

_CHECKS: Final = ("table_name", "check_name", "outcome", "says")
_AGREES_WITHIN_MINUTES: Final = 1.0
"""The desk gives whole minutes."""

_LABELLED: Final = ("metric_label", "compared", "agreeing", "explained", "unexplained")
_DIFFERING: Final = (
    "ticket_id",
    "metric_label",
    "instance",
    "ours_minutes",
    "theirs_minutes",
    "difference_minutes",
)


def snapshot(reader: Reader, now: datetime | None = None) -> dict[str, Any]:
    """Return the row of meta.snapshot, with described_as (null if unknown) and age_hours."""
    described = (
        reader.query("select described_as from staging.stg_landing")
        if reader.has("staging.stg_landing")
        else pl.DataFrame()
    )
    return {
        **reader.info,
        "described_as": described.item(0, 0) if described.height else None,
        "age_hours": age_hours(reader, now),
    }


def age_hours(reader: Reader, now: datetime | None = None) -> float | None:
    """Return how long ago the snapshot was published; None if it does not say."""
    published = reader.info.get("published_at")
    if not isinstance(published, datetime):
        return None
    return ((now or datetime.now(UTC)) - published).total_seconds() / 3600


def checks(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return outcome (sign and word), table_name, check_name and says; what did not pass first.

    No row if the snapshot was published without its checks.
    """
    del filters
    if not reader.has("meta.checks"):
        return pl.DataFrame(schema=dict.fromkeys(_CHECKS, pl.String))
    worst_first = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    return (
        reader.query("select table_name, check_name, outcome, says from meta.checks")
        .sort(
            pl.col("outcome").replace_strict(worst_first, default=-1, return_dtype=pl.Int64),
            "table_name",
            "check_name",
        )
        .with_columns(pl.col("outcome").replace(OUTCOMES))
    )


def tables(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what the snapshot holds and what it was made from, a row a table, by name.

    Returns:
        table_name, description, rows (null of tables that are not part of the snapshot), built_at
        and age_hours; description, built_at and age_hours are null where the snapshot does not
        say.
    """
    del filters
    held = reader.query(
        """
        select schema_name || '.' || table_name as table_name, estimated_size as rows
        from duckdb_tables()
        where not internal and not temporary
        """
    )
    said = (
        reader.query("select table_name, description, built_at from meta.tables")
        if reader.has("meta.tables")
        else pl.DataFrame(
            schema={
                "table_name": pl.String,
                "description": pl.String,
                "built_at": pl.Datetime("us", "UTC"),
            }
        )
    )
    found = said.join(held, on="table_name", how="full", coalesce=True).sort("table_name")
    return with_age(found.select("table_name", "description", "rows", "built_at"))


def with_age(frame: pl.DataFrame, now: datetime | None = None) -> pl.DataFrame:
    """Return the frame with age_hours, how long ago built_at was."""
    age = (pl.lit(now or datetime.now(UTC)) - pl.col("built_at")).dt.total_seconds() / 3600
    return frame.with_columns(age.alias("age_hours"))


def forecasts(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how each model of each series did in the backtest, the champion first.

    Returns:
        series, measure, model, champion (`★ in use` or empty), mase, rmsse, smape, coverage_80,
        coverage_95, windows, days_tested; the series of all tickets first.
    """
    del filters
    if not reader.has("forecasting.forecast_accuracy"):
        return pl.DataFrame()
    return reader.query(
        """
        select
            series, measure, model,
            case when is_champion then '★ in use' else '' end as champion,
            mase, rmsse, smape, coverage_80, coverage_95, windows, days_tested
        from forecasting.forecast_accuracy
        order by series <> 'Total', series, measure, is_champion desc, mase, model
        """
    )


def risk_methods(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how well each way to estimate the chance of a missed target did, the one in use first.

    Returns:
        method_label, clocks, moments, breach_rate, brier_score, calibration_error,
        error_by_chance, auc.
    """
    del filters
    if not reader.has("alerts.risk_scores"):
        return pl.DataFrame()
    order = {method: place for place, method in enumerate(METHODS)}
    return (
        reader.query(
            """
            select
                method, clocks, moments, breach_rate, brier_score, calibration_error,
                error_by_chance, auc
            from alerts.risk_scores
            """
        )
        .sort(
            pl.col("method").replace_strict(order, default=len(order), return_dtype=pl.Int64),
            "method",
        )
        .with_columns(pl.col("method").replace(METHODS).alias("method_label"))
    )


def sla_reconciled(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return how our SLA minutes compare with the source's own, a row a metric.

    Returns:
        metric_label, compared, agreeing (within a minute), explained (other, with a known
        reason), unexplained (other); no row if the source has no such figures.
    """
    del filters
    if not reader.has("marts.sla_reconciliation"):
        return pl.DataFrame(schema=dict.fromkeys(_LABELLED, pl.String))
    return (
        reader.query(
            """
            select
                metric,
                count(*) as compared,
                count(*) filter (where agrees) as agreeing,
                count(*) filter (where not agrees and reason is not null) as explained,
                count(*) filter (where not agrees and reason is null) as unexplained
            from (
                select metric, reason, coalesce(abs(difference_minutes) <= ?, false) as agrees
                from marts.sla_reconciliation
            )
            group by metric
            order by metric
            """,
            [_AGREES_WITHIN_MINUTES],
        )
        .with_columns(metric_label().alias("metric_label"))
        .select(_LABELLED)
    )


def sla_differences(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the differences without a known reason, the largest first.

    Returns:
        ticket_id, metric_label, instance, ours_minutes, theirs_minutes, difference_minutes.
    """
    del filters
    if not reader.has("marts.sla_reconciliation"):
        return pl.DataFrame(schema=dict.fromkeys(_DIFFERING, pl.String))
    return (
        reader.query(
            """
            select
                ticket_id, metric, instance, ours_minutes, theirs_minutes, difference_minutes
            from marts.sla_reconciliation
            where reason is null and coalesce(abs(difference_minutes) > ?, true)
            order by abs(difference_minutes) desc nulls last, ticket_id, metric, instance
            """,
            [_AGREES_WITHIN_MINUTES],
        )
        .with_columns(metric_label().alias("metric_label"))
        .select(_DIFFERING)
    )
