"""Every setting of the tower, read once from flags, the environment and `.env`."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["PROJECT_ROOT", "LogFormat", "LogSettings", "Settings", "Source"]

PROJECT_ROOT = Path(__file__).resolve().parent.parent

LogFormat = Literal["text", "json"]
Source = Literal["simulator", "event_log", "zendesk", "zendesk_files"]


def _as_utc(value: object) -> object:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError(
                "no_moment", "write it in ISO 8601, such as 2026-03-01 or 2026-03-01T09:00"
            ) from None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _absolute(value: object) -> object:
    """Resolve against the directory the command was typed in, before anything changes it."""
    return Path(value).expanduser().resolve() if isinstance(value, str | Path) else value


_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _subdomain(value: str) -> str:
    """Take a name, or an address that begins with it."""
    name = value.strip().lower().removeprefix("https://").split("/")[0].removesuffix(".zendesk.com")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name):
        raise PydanticCustomError(
            "no_subdomain", "write the name before .zendesk.com, such as acme for acme.zendesk.com"
        )
    return name


def _safe_url(value: str) -> str:
    """Refuse an address to which secrets would go unencrypted over a network."""
    parts = urlsplit(value.strip())
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise PydanticCustomError(
            "no_safe_url", "write an https address; http is taken for this machine only"
        )
    return value.strip().rstrip("/")


AbsolutePath = Annotated[Path, BeforeValidator(_absolute)]


class LogSettings(BaseSettings):
    """How the tower speaks; it can be read where another setting is not usable."""

    model_config = SettingsConfigDict(
        env_prefix="CONTROL_TOWER_",
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        # What was typed may be a secret.
        hide_input_in_errors=True,
    )

    log_format: LogFormat = Field(
        default="text",
        description="How commands say what they do: text for people, json for one object a line "
        "on standard error",
    )


class Settings(LogSettings):
    """The tower's settings; each is also an environment variable `CONTROL_TOWER_<NAME>`."""

    data_dir: AbsolutePath = Field(
        default=PROJECT_ROOT / "data", description="Where tables, builds and snapshots are kept"
    )
    source: Source = Field(default="simulator", description="Where tickets come from")
    tickets: int = Field(
        default=50_000, ge=100, le=20_000_000, description="Tickets a year the simulator makes"
    )
    seed: int = Field(default=7, ge=0, description="Seed of the simulator")
    simulator_configuration: AbsolutePath | None = Field(
        default=None, description="YAML file that overrides numbers of the simulated team"
    )
    as_of: Annotated[datetime | None, BeforeValidator(_as_utc)] = Field(
        default=None,
        description="The tower's clock; today 00:00 UTC for the simulator, else the newest event",
    )
    event_log: AbsolutePath | None = Field(
        default=None, description="Event log to read: .csv, .parquet, .xes or .xes.gz"
    )
    event_log_mapping: AbsolutePath | None = Field(
        default=None, description="YAML file that says what the event log's columns mean"
    )
    zendesk_files: AbsolutePath | None = Field(
        default=None,
        description="Folder of Zendesk tables (ticket.csv or ticket.parquet, …) or of Zendesk's "
        "own JSON export",
    )
    zendesk_subdomain: Annotated[str, AfterValidator(_subdomain)] | None = Field(
        default=None, description="Zendesk to read: the name before .zendesk.com"
    )
    zendesk_client_id: str | None = Field(
        default=None, description="Identifier of the OAuth client that reads Zendesk"
    )
    zendesk_client_secret: SecretStr | None = Field(
        default=None, description="Secret of that client"
    )
    zendesk_refresh_token: SecretStr | None = Field(
        default=None,
        description="Refresh token to begin with, where the client's own credentials are not used",
    )
    zendesk_token_file: AbsolutePath | None = Field(
        default=None,
        description="File in which the newest refresh token is kept; Zendesk replaces it each time",
    )
    zendesk_start: Annotated[datetime | None, BeforeValidator(_as_utc)] = Field(
        default=None, description="Nothing that happened before is fetched; everything unless given"
    )
    zendesk_url: Annotated[str, AfterValidator(_safe_url)] | None = Field(
        default=None, description="Address of Zendesk in place of the subdomain's own"
    )
    memory_limit: str = Field(
        default="3GB",
        pattern=r"^\d+(\.\d+)? ?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$",
        description="Memory the marts are built in, such as 3GB; what is more goes to the disk",
    )
    full_refresh: bool = Field(
        default=False,
        description="Whether a run builds the marts of all tickets, not only of those that changed",
    )
    reference_path: AbsolutePath | None = Field(
        default=None, description="YAML file with the path tickets should take, step by step"
    )
    holidays_country: str | None = Field(
        default=None,
        description="Country whose public holidays forecasts know of, as an ISO 3166 code; "
        "without one, the days the desk itself is closed",
    )
    holidays_subdivision: str | None = Field(
        default=None, description="Part of that country, such as BY, for its own holidays"
    )
    expected_lag_hours: float = Field(
        default=48, gt=0, description="Age of the newest event above which a run warns, hours"
    )
    stale_hours: float = Field(
        default=30,
        gt=0,
        description="Age of the snapshot above which pages warn and the daily run counts as late, "
        "hours",
    )
    unexplained_share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Share of figures that may differ from the desk's own without a known reason "
        "before a run warns",
    )
    daily_cron: str = Field(
        default="0 5 * * *", description="When the daily run starts, as a cron expression in UTC"
    )
    wait_minutes: float = Field(
        default=30, ge=0, description="How long a run waits for another to finish, minutes"
    )
    alert_urls: SecretStr | None = Field(
        default=None,
        description="Where alerts are sent: addresses as apprise writes them, separated by spaces; "
        "nowhere unless given",
    )

    def alert_channels(self) -> list[str]:
        """Return the addresses alerts are sent to; they are secrets."""
        return self.alert_urls.get_secret_value().split() if self.alert_urls else []

    @model_validator(mode="after")
    def _subdivision_has_a_country(self) -> Self:
        if self.holidays_subdivision is not None and self.holidays_country is None:
            raise PydanticCustomError(
                "no_country", "holidays_subdivision is part of a country; set holidays_country too"
            )
        return self
