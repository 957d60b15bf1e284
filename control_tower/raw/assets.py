"""The landing as assets: one per raw and reference table, written by whichever source is set."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import polars as pl
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    Failure,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)
from dagster._core.definitions.metadata import RawMetadataValue, TableMetadataSet

from control_tower.presentation import PREVIEW_ROWS, markdown_table
from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.raw.event_log import EventLogError, load_mapping, read_event_log
from control_tower.raw.figures import telling_figures
from control_tower.raw.landing import Landing, complete_tables, landed_path, write_landed
from control_tower.raw.simulator import ConfigurationError, load_configuration, simulate
from control_tower.raw.validation import ContractError
from control_tower.raw.zendesk import (
    Credentials,
    ZendeskDesk,
    ZendeskError,
    ZendeskFilesError,
    read_zendesk,
    read_zendesk_files,
)
from control_tower.room import column_schema
from control_tower.settings import Settings

__all__ = ["GROUP", "asset_key", "landing"]

GROUP = "raw"


def asset_key(table: str) -> AssetKey:
    """Return the asset key of a raw or reference table."""
    return AssetKey(["raw" if table in RAW_TABLES else "reference", table])


def _spec(table: str) -> AssetSpec:
    schema = {**RAW_TABLES, **REFERENCE_TABLES}[table]
    return AssetSpec(
        key=asset_key(table),
        description=schema.__doc__,
        group_name=GROUP,
        owners=["team:support-operations"],
        kinds={"parquet", "polars"},
        metadata={**TableMetadataSet(column_schema=column_schema(schema))},
    )


def _zendesk_of(settings: Settings) -> ZendeskDesk:
    given = {
        "SUBDOMAIN": settings.zendesk_subdomain,
        "CLIENT_ID": settings.zendesk_client_id,
        "CLIENT_SECRET": settings.zendesk_client_secret,
    }
    missing = [f"CONTROL_TOWER_ZENDESK_{name}" for name, value in given.items() if value is None]
    if settings.zendesk_refresh_token is not None and settings.zendesk_token_file is None:
        missing.append("CONTROL_TOWER_ZENDESK_TOKEN_FILE")
    if (
        missing
        or settings.zendesk_subdomain is None
        or settings.zendesk_client_id is None
        or settings.zendesk_client_secret is None
    ):
        raise ZendeskError(
            f"the zendesk source needs {', '.join(missing)} in the environment; "
            "docs/how-to/zendesk.md says where they come from"
        )
    token = settings.zendesk_refresh_token
    return ZendeskDesk(
        subdomain=settings.zendesk_subdomain,
        credentials=Credentials(
            client_id=settings.zendesk_client_id,
            client_secret=settings.zendesk_client_secret.get_secret_value(),
            refresh_token=token.get_secret_value() if token else None,
            token_file=settings.zendesk_token_file,
        ),
        base_url=settings.zendesk_url,
        start=settings.zendesk_start,
    )


def _landing_of(settings: Settings, tell: Callable[[str], None]) -> Landing:
    if settings.source == "event_log":
        if settings.event_log is None or settings.event_log_mapping is None:
            raise EventLogError(
                "the event_log source needs --event-log FILE and --mapping FILE; "
                "'control-tower map-event-log FILE' writes a mapping to start from"
            )
        mapping = load_mapping(settings.event_log_mapping)
        return read_event_log(settings.event_log, mapping, as_of=settings.as_of)
    if settings.source == "zendesk":
        return read_zendesk(
            _zendesk_of(settings), settings.data_dir, as_of=settings.as_of, tell=tell
        )
    if settings.source == "zendesk_files":
        if settings.zendesk_files is None:
            raise ZendeskFilesError(
                "the zendesk_files source needs --zendesk-files DIR, a folder of Zendesk tables or "
                "of its export"
            )
        return read_zendesk_files(settings.zendesk_files, as_of=settings.as_of)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return simulate(
        load_configuration(settings.simulator_configuration),
        seed=settings.seed,
        tickets_per_year=settings.tickets,
        as_of=settings.as_of or midnight,
    )


@multi_asset(
    specs=[_spec(table) for table in (*RAW_TABLES, *REFERENCE_TABLES)],
    can_subset=True,
    required_resource_keys={"run_lock", "settings"},
    name="landing",
)
def landing(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
    """Land the source's tickets: validate every table against the contract, then write them."""
    settings: Settings = context.resources.settings
    try:
        landed = _landing_of(settings, lambda news: context.log.info(f"fetching {news}"))
        tables = complete_tables(landed)
    except (ConfigurationError, ContractError, EventLogError, ZendeskError) as error:
        raise Failure(description=str(error), allow_retries=False) from None
    chosen = {key.path[-1] for key in context.selected_asset_keys}
    try:
        write_landed(tables, settings.data_dir, landing_id=landed.landing_id, names=chosen)
    except OSError as error:
        raise Failure(
            description=f"the landed tables could not be written below {settings.data_dir}: "
            f"{error.strerror or error}; free some space or correct the permissions",
            allow_retries=False,
        ) from None
    for table in (name for name in (*RAW_TABLES, *REFERENCE_TABLES) if name in chosen):
        yield MaterializeResult(
            asset_key=asset_key(table), metadata=_metadata(table, landed, settings)
        )


def _metadata(table: str, landed: Landing, settings: Settings) -> dict[str, RawMetadataValue]:
    path = landed_path(settings.data_dir, table)
    # Of a large table only what is told is read back; as a whole it may not fit in memory.
    frame = pl.scan_parquet(path)
    return {
        "dagster/row_count": frame.select(pl.len()).collect().item(),
        "preview": MetadataValue.md(markdown_table(frame.head(PREVIEW_ROWS).collect())),
        "file": MetadataValue.path(str(path)),
        "file_bytes": path.stat().st_size,
        "landing_id": landed.landing_id,
        "source": landed.described_as,
        **telling_figures(table, frame),
    }
