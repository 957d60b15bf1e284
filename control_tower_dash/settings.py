"""The dashboard's settings, beside the tower's own."""

import ipaddress
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from control_tower.settings import AbsolutePath, Settings

__all__ = ["LOOPBACK", "DashboardSettings", "SignIn"]

SignIn = Literal["none", "proxy", "basic", "oidc"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _listed(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
"""Names separated by spaces or commas."""


class DashboardSettings(Settings):
    """What the dashboard needs to know; each is an environment variable `CONTROL_TOWER_<NAME>`."""

    host: str = Field(default="127.0.0.1", description="Address the dashboard listens on")
    port: int = Field(default=8050, ge=1, le=65535, description="Port the dashboard listens on")
    workers: int = Field(default=2, ge=1, le=64, description="Processes that answer requests")
    threads: int = Field(default=4, ge=1, le=64, description="Threads in each of them")
    query_memory: str = Field(
        default="1GB",
        pattern=r"^\d+(\.\d+)? ?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$",
        description="Memory queries of an open snapshot may use in each process, such as 1GB",
    )
    query_threads: int = Field(
        default=2, ge=1, le=64, description="Threads queries of an open snapshot share"
    )
    views_ahead: bool = Field(
        default=True,
        description="Work out the views readers choose most as soon as a snapshot is published",
    )
    refresh_seconds: int = Field(
        default=15, ge=1, le=3600, description="How often an open page asks for a newer snapshot"
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
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret with which /metrics is read without signing in, and only with it: 16 "
        "characters or more",
    )
    sign_in: SignIn = Field(default="none", description="How readers prove who they are")
    allow_open_access: bool = Field(
        default=False,
        description="Let everybody who reaches the dashboard read it, beyond this machine too",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+/?$",
        description="Address readers type, such as https://tower.example.com",
    )
    allowed_hosts: Names = Field(
        default=(),
        description="Host names requests may ask for, beside this machine's own and that of "
        "public_url; * for all",
    )
    trusted_proxies: Names = Field(
        default=(),
        description="Addresses or networks of proxies whose word on readers is taken",
    )
    proxy_user_header: str = Field(
        default="X-Forwarded-User",
        pattern="^[A-Za-z][A-Za-z0-9-]*$",
        description="Header in which the proxy names the reader",
    )
    basic_users: SecretStr | None = Field(
        default=None,
        description="Readers as name:hash, separated by spaces; control-tower hash-password makes "
        "the hash",
    )
    basic_users_file: AbsolutePath | None = Field(
        default=None, description="File with a reader as name:hash on each line"
    )
    oidc_issuer: str | None = Field(
        default=None, pattern="^https?://", description="Address of the OpenID provider"
    )
    oidc_client_id: str | None = Field(
        default=None, description="What the provider knows the dashboard as"
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Secret shared with the provider"
    )
    oidc_allowed_domains: Names = Field(
        default=(),
        description="Domains of verified e-mail addresses let in; * for everybody the provider "
        "knows",
    )
    oidc_allowed_groups: Names = Field(default=(), description="Groups let in")
    oidc_groups_claim: str = Field(
        default="groups", description="Claim in which the provider lists a reader's groups"
    )
    oidc_scopes: Names = Field(
        default=("openid", "email", "profile"), description="Scopes asked of the provider"
    )
    session_secret: SecretStr | None = Field(
        default=None, description="Secret that signs sessions, 32 characters or more"
    )
    session_hours: float = Field(
        default=12, gt=0, le=720, description="How long a reader stays signed in, hours"
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

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ipaddress.ip_network(one)
            except ValueError:
                raise PydanticCustomError(
                    "no_network", "write addresses or networks, such as 127.0.0.1 or 10.0.0.0/8"
                ) from None
        return value

    @model_validator(mode="after")
    def _has_names_to_be_asked_for(self) -> Self:
        is_reached_by_name = self.host in LOOPBACK or self.allowed_hosts or self.public_url
        if not is_reached_by_name:
            raise PydanticCustomError(
                "no_hosts",
                "beyond this machine the dashboard must know its names; set "
                "CONTROL_TOWER_PUBLIC_URL or CONTROL_TOWER_ALLOWED_HOSTS",
            )
        return self

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        secret = self.session_secret.get_secret_value() if self.session_secret else ""
        needs = {
            "proxy": [("CONTROL_TOWER_TRUSTED_PROXIES", bool(self.trusted_proxies))],
            "basic": [
                (
                    "CONTROL_TOWER_BASIC_USERS or CONTROL_TOWER_BASIC_USERS_FILE",
                    bool(self.basic_users or self.basic_users_file),
                )
            ],
            "oidc": [
                ("CONTROL_TOWER_OIDC_ISSUER", bool(self.oidc_issuer)),
                ("CONTROL_TOWER_OIDC_CLIENT_ID", bool(self.oidc_client_id)),
                ("CONTROL_TOWER_OIDC_CLIENT_SECRET", bool(self.oidc_client_secret)),
                ("CONTROL_TOWER_PUBLIC_URL", bool(self.public_url)),
                ("CONTROL_TOWER_SESSION_SECRET of 32 characters or more", len(secret) >= 32),
                (
                    "CONTROL_TOWER_OIDC_ALLOWED_DOMAINS or CONTROL_TOWER_OIDC_ALLOWED_GROUPS",
                    bool(self.oidc_allowed_domains or self.oidc_allowed_groups),
                ),
            ],
        }
        for name, is_given in needs.get(self.sign_in, []):
            if not is_given:
                raise PydanticCustomError(
                    "no_sign_in",
                    "sign-in {mode} needs {name}",
                    {"mode": self.sign_in, "name": name},
                )
        for url in (self.public_url, self.oidc_issuer):
            if self.sign_in == "oidc" and url and not _is_private(url):
                raise PydanticCustomError(
                    "not_private",
                    "sign-in oidc needs https in {url}: without it secrets can be overheard",
                    {"url": url},
                )
        return self

    def names(self) -> frozenset[str]:
        """Return the host names requests may ask for, in lower case; `*` stands for all."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        own = {self.host} - {"0.0.0.0", "::"}  # noqa: S104 - no names, but all addresses
        return frozenset(
            name.lower() for name in (*LOOPBACK, *own, *self.allowed_hosts, public) if name
        )

    def is_https(self) -> bool:
        """Return whether readers reach the dashboard through https."""
        return (self.public_url or "").startswith("https://")


def _is_private(url: str) -> bool:
    return url.startswith("https://") or urlsplit(url).hostname in LOOPBACK
