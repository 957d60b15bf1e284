"""The room as Dagster sees it: open clocks with their risk, and how far that can be trusted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AutomationCondition,
    Failure,
    MaterializeResult,
    MetadataValue,
    asset,
)
from dagster._core.definitions.metadata import RawMetadataValue

from control_tower.alerts.calibration import (
    METHODS,
    judged_in_the_past,
    miscalibration,
    outdone_by,
    reliability,
    scores,
)
from control_tower.alerts.chosen import chosen_clocks, rows_of_chosen
from control_tower.alerts.clocks import numbered_clocks, stretches_of
from control_tower.alerts.delivery import complaints, deliver
from control_tower.alerts.digest import digest_of
from control_tower.alerts.history import BreachHistory
from control_tower.alerts.log_file import AlertLog, LoggedNews
from control_tower.alerts.news import Alert, ClockKey, News, news_of
from control_tower.alerts.risk import RISKS, at_risk_tickets, unjudged
from control_tower.alerts.tables import TABLES
from control_tower.alerts.turns import turns_of
from control_tower.presentation import markdown_table
from control_tower.room import Frames, Room, TableCheck
from control_tower.settings import Settings
from control_tower.warehouse import DatabaseBusyError, connect, read_table

__all__ = ["ALERTS", "ALERT_LOG", "alert_log_asset", "alert_log_path"]

ALERT_LOG: Final = AssetKey(["alerts", "alert_log"])


def alert_log_path(data_dir: Path) -> Path:
    """Return where the alert log lies."""
    return data_dir / "alerts.log"


def _compute(given: Frames, _settings: Settings) -> Frames:
    as_of = given["staging.stg_landing"]["as_of"].item()
    open_intervals = given["staging.stg_open_intervals"]
    clocks = numbered_clocks(given["marts.sla"], given["intermediate.int_sla_targets"])
    stretches = stretches_of(clocks, given["intermediate.int_sla_clock_readings"])
    turns = turns_of(clocks, given["intermediate.int_ticket_states"], stretches, open_intervals)
    history = BreachHistory(turns)
    judged = judged_in_the_past(clocks, turns, history, stretches, open_intervals, as_of)
    return {
        "at_risk_tickets": at_risk_tickets(clocks, history, as_of),
        "risk_calibration": reliability(judged),
        "risk_scores": scores(judged),
    }


def _figures(made: Frames) -> Mapping[str, Mapping[str, RawMetadataValue]]:
    risks = made["at_risk_tickets"]["risk"]
    table = made["risk_calibration"].filter(pl.col("method") == METHODS[0]).drop("method")
    scored = MetadataValue.md(markdown_table(made["risk_scores"]))
    return {
        "at_risk_tickets": {risk: int((risks == risk).sum()) for risk in RISKS},
        "risk_calibration": {
            "reliability": MetadataValue.md(markdown_table(table, rows=table.height)),
            "scores": scored,
        },
        "risk_scores": {"scores": scored},
    }


_INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "marts.sla": (
        "ticket_id",
        "metric",
        "instance",
        "policy_name",
        "priority",
        "ticket_type",
        "group_name",
        "target_minutes",
        "is_business_hours",
        "started_at",
        "ended_at",
        "elapsed_minutes",
        "remaining_minutes",
        "breach_at",
        "clock_state",
        "sla_status",
        "is_decided",
    ),
    "intermediate.int_sla_targets": ("ticket_id", "metric", "instance", "schedule_id"),
    "intermediate.int_sla_clock_readings": (
        "ticket_id",
        "metric",
        "instance",
        "clock_schedule_id",
        "started_at",
        "ended_at",
        "started_reading",
        "ended_reading",
    ),
    "intermediate.int_ticket_states": (
        "ticket_id",
        "state_number",
        "status",
        "priority",
        "group_name",
        "began_at",
        "is_public_agent_reply",
    ),
    "staging.stg_open_intervals": (
        "schedule_id",
        "opens_at",
        "closes_at",
        "open_minutes_before",
    ),
    "staging.stg_landing": ("as_of",),
}

ALERTS = Room(
    name="alerts",
    tables=TABLES,
    inputs=_INPUTS,
    queries={
        "marts.sla": chosen_clocks(_INPUTS["marts.sla"]),
        **{
            f"intermediate.{table}": rows_of_chosen(
                "intermediate", table, _INPUTS[f"intermediate.{table}"]
            )
            for table in ("int_sla_targets", "int_sla_clock_readings", "int_ticket_states")
        },
    },
    compute=_compute,
    checks=(
        TableCheck(
            table="at_risk_tickets",
            name="every_clock_that_has_not_stopped_is_judged",
            description="Each clock with a target that runs or is paused has its row",
            problems=lambda given, made: unjudged(given["marts.sla"], made["at_risk_tickets"]),
        ),
        TableCheck(
            table="risk_scores",
            name="breach_probabilities_are_calibrated",
            description="In the past year forecasts and outcomes lay at most 4 points apart",
            problems=lambda _given, made: miscalibration(made["risk_scores"]),
            is_blocking=False,
        ),
        TableCheck(
            table="risk_scores",
            name="breach_probabilities_beat_simple_rules",
            description="In the past year the forecast was nearer the truth than either rule",
            problems=lambda _given, made: outdone_by(made["risk_scores"]),
            is_blocking=False,
        ),
    ),
    figures=_figures,
)


def alert_log_asset(
    snapshot: AssetKey, published: Callable[[Path], Path], snapshot_id_in: Callable[[Path], str]
) -> AssetsDefinition:
    """Return the asset that brings the alert log up to date and sends what is new.

    It reads the published snapshot, so that nobody is alerted by tables whose checks failed, and
    so that it neither waits for a run at work nor holds one up.

    Args:
        snapshot: The asset that publishes.
        published: Where the published snapshot is, given the data directory.
        snapshot_id_in: Its id, given that place.
    """

    @asset(
        key=ALERT_LOG,
        group_name=ALERTS.name,
        deps=[snapshot, ALERTS.key("at_risk_tickets")],
        description=(
            "What was told about clocks at risk: one JSON line in alerts.log for every alert "
            "opened, worsened or resolved, never the same twice; sent on as one digest to the "
            "channels that are configured."
        ),
        owners=["team:support-operations"],
        kinds={"json"},
        automation_condition=AutomationCondition.eager(),
        required_resource_keys={"settings"},
    )
    def alert_log(context: AssetExecutionContext) -> MaterializeResult[None]:
        settings: Settings = context.resources.settings
        log = AlertLog(alert_log_path(settings.data_dir))
        path = published(settings.data_dir).resolve()
        if not path.exists():
            raise Failure(
                description="nothing has been published yet; run the whole pipeline",
                allow_retries=False,
            )
        try:
            news = _tell(log, path)
            deliveries = deliver(log, settings.alert_channels(), digest_of=digest_of)
            still_open = log.open_alerts()
        except (
            OSError,
            DatabaseBusyError,
            duckdb.CatalogException,
            duckdb.BinderException,
        ) as error:
            raise Failure(
                description=f"the alert log could not be brought up to date, what was told stays "
                f"as it was: {str(error).splitlines()[0]}",
                allow_retries=False,
            ) from None
        for says in complaints(deliveries):
            context.log.warning(says)
        return MaterializeResult(
            metadata={
                "dagster/row_count": len(news),
                "preview": MetadataValue.md(_preview(news)),
                "file": MetadataValue.path(str(log.path)),
                "snapshot_id": snapshot_id_in(path),
                "opened": sum(line.news.event == "opened" for line in news),
                "worsened": sum(line.news.event == "worsened" for line in news),
                "resolved": sum(line.news.event == "resolved" for line in news),
                "open_alerts": len(still_open),
                "deliveries": MetadataValue.json(
                    {delivery.channel: delivery.outcome for delivery in deliveries}
                ),
                "undelivered": sum(
                    delivery.news for delivery in deliveries if delivery.outcome == "failed"
                ),
            }
        )

    return alert_log


def _tell(log: AlertLog, snapshot: Path) -> Sequence[LoggedNews]:
    with connect(snapshot, read_only=True) as connection:
        at_risk = read_table(connection, ALERTS.name, "at_risk_tickets")
        as_of = read_table(connection, "staging", "stg_landing", ["as_of"]).item()

        def find_news(told: Mapping[ClockKey, Alert]) -> Iterator[News]:
            tickets = sorted({key.ticket_id for key in told})
            stopped = connection.cursor().sql(_STOPPED_CLOCKS, params=[tickets]).pl()
            return news_of(at_risk, told, stopped)

        return log.tell(find_news, as_of)


_STOPPED_CLOCKS: Final = """
select ticket_id, metric, instance, remaining_minutes, breach_at, sla_status
from marts.sla
where clock_state = 'stopped' and ticket_id in (select unnest(?::bigint[]))
"""


def _preview(news: Sequence[LoggedNews]) -> str:
    if not news:
        return "_Nothing new._"
    return markdown_table(
        pl.DataFrame(
            [
                {
                    "event": line.news.event,
                    "risk": line.news.risk,
                    "ticket": line.news.key.ticket_id,
                    "reason": line.news.reason,
                }
                for line in news[:_PREVIEWED]
            ]
        ),
        rows=_PREVIEWED,
    )


_PREVIEWED: Final = 10
