"""The dashboard's settings, beside the tower's own."""

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from control_tower.settings import Settings

__all__ = ["LOOPBACK", "DashboardSettings", "SignIn"]

SignIn = Literal["none", "proxy", "basic", "oidc"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class DashboardSettings(Settings):
    """What the dashboard needs to know; each is an environment variable `CONTROL_TOWER_<NAME>`."""

    host: str = Field(default="127.0.0.1", description="Address the dashboard listens on")
    port: int = Field(default=8050, ge=1, le=65535, description="Port the dashboard listens on")
    workers: int = Field(default=2, ge=1, le=64, description="Processes that answer requests")
    threads: int = Field(default=4, ge=1, le=64, description="Threads in each of them")
    refresh_seconds: int = Field(
        default=15, ge=1, le=3600, description="How often an open page asks for a newer snapshot"
    )
    stale_hours: float = Field(
        default=30, gt=0, description="Age of the snapshot above which pages warn, hours"
    )
    currency: str = Field(
        default="USD", pattern="^[A-Z]{3}$", description="Currency costs are shown in, ISO 4217"
    )
    time_zone: str = Field(default="UTC", description="IANA zone moments are shown in")
    dagster_url: str = Field(
        default="http://127.0.0.1:3000",
        pattern="^https?://",
        description="Address of Dagster's web interface, for links to runs",
    )
    csat_target: float | None = Field(
        default=4.2, ge=1, le=5, description="Mean satisfaction score aimed for, 1 to 5"
    )
    cycle_target_hours: float | None = Field(
        default=None, gt=0, description="Median cycle time aimed for, hours"
    )
    cost_target: float | None = Field(
        default=None, gt=0, description="Cost per ticket aimed for, in the currency"
    )
    backlog_target: int | None = Field(
        default=None, ge=0, description="Open tickets aimed for at most"
    )
    sign_in: SignIn = Field(default="none", description="How readers prove who they are")
    allow_open_access: bool = Field(
        default=False,
        description="Let everybody who reaches the dashboard read it, beyond this machine too",
    )
    session_secret: SecretStr | None = Field(
        default=None, description="Secret that signs sessions, 32 characters or more"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise PydanticCustomError(
                "no_zone", "write it as the IANA database does, such as Europe/Berlin"
            ) from None
        return value

    @model_validator(mode="after")
    def _is_not_open_to_all(self) -> Self:
        if self.sign_in == "none" and self.host not in LOOPBACK and not self.allow_open_access:
            raise PydanticCustomError(
                "open_to_all",
                "without sign-in the dashboard listens on this machine only; set "
                "CONTROL_TOWER_SIGN_IN, or CONTROL_TOWER_ALLOW_OPEN_ACCESS=true if everybody who "
                "reaches it may read it",
            )
        return self
