"""The whole asset graph, wired in one place."""

import os
import warnings

from dagster import (
    AssetsDefinition,
    AssetSpec,
    BetaWarning,
    Definitions,
    ResourceDefinition,
    apply_freshness_policy,
    in_process_executor,
    with_source_code_references,
)

from control_tower.alerts.assets import alert_log_asset
from control_tower.automation import (
    FRESHNESS,
    alerts_scan,
    daily_schedule,
    ops_daily_pipeline,
    scan_schedule,
    sensors,
)
from control_tower.marts.assets import marts_assets
from control_tower.marts.project import dbt_project
from control_tower.publishing.assets import briefing_asset, snapshot_asset
from control_tower.publishing.link import link_path, snapshot_id_in
from control_tower.raw.assets import landing
from control_tower.raw.checks import landed_checks
from control_tower.resources import run_lock_resource
from control_tower.room import room_assets
from control_tower.rooms import ROOMS
from control_tower.settings import Settings

__all__ = ["defs"]


def _what_it_holds(spec: AssetSpec) -> str:
    # dagster-dbt writes the model's SQL below its description.
    words, *_ = (spec.description or "").partition("#### Raw SQL")
    return " ".join(words.split())


def _definitions(settings: Settings) -> Definitions:
    # dbt reads these from the environment, as its profile and the models' sources name them.
    os.environ["CONTROL_TOWER_DATA_DIR"] = str(settings.data_dir)
    os.environ["CONTROL_TOWER_MEMORY_LIMIT"] = settings.memory_limit
    os.environ["CONTROL_TOWER_UNEXPLAINED_SHARE"] = str(settings.unexplained_share)
    project = dbt_project(settings.data_dir)
    landed = landed_checks(link_path)
    marts = marts_assets(project)
    rooms = [room_assets(room) for room in ROOMS]
    built: list[AssetsDefinition] = [landing, marts, *rooms]
    snapshot = snapshot_asset(
        tables={spec.key: _what_it_holds(spec) for assets in built for spec in assets.specs},
        check_keys=[key for assets in (landed, marts, *rooms) for key in assets.check_keys],
        rooms=[room.name for room in ROOMS],
    )
    alert_log = alert_log_asset(snapshot.key, link_path, snapshot_id_in)
    return Definitions(
        assets=[_finished(assets) for assets in (*built, snapshot, briefing_asset(), alert_log)],
        asset_checks=[landed],
        jobs=[ops_daily_pipeline, alerts_scan],
        schedules=[daily_schedule(settings), scan_schedule(settings)],
        sensors=sensors(settings),
        resources={
            "settings": ResourceDefinition.hardcoded_resource(settings),
            "run_lock": run_lock_resource,
        },
        # A process a step would spend seconds on imports for milliseconds of work.
        executor=in_process_executor,
    )


def _finished(assets: AssetsDefinition) -> AssetsDefinition:
    """Return assets with what every table has: a freshness policy and a way to its source."""
    (referenced,) = with_source_code_references([assets])
    if not isinstance(referenced, AssetsDefinition):
        raise TypeError(f"{referenced!r} is not an assets definition")
    return referenced.map_asset_specs(lambda spec: apply_freshness_policy(spec, FRESHNESS))


with warnings.catch_warnings():
    # Dagster announces code references as beta, once per asset, at every command.
    warnings.simplefilter("ignore", BetaWarning)
    defs = _definitions(Settings())
