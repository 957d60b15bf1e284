"""How readers prove who they are, one module a mode."""

from collections.abc import Callable
from typing import Final

from flask import Flask

from control_tower_dash.serving.sign_in.basic import register_basic
from control_tower_dash.serving.sign_in.proxy import register_proxy
from control_tower_dash.settings import DashboardSettings

__all__ = ["require_sign_in"]


def require_sign_in(server: Flask, settings: DashboardSettings) -> None:
    """Let nobody in but readers who are signed in, in the way the settings say.

    Raises:
        UsersError: If the users of the mode basic cannot be read.
    """
    _MODES[settings.sign_in](server, settings)


def _register_none(server: Flask, settings: DashboardSettings) -> None:
    """Leave the door open; the settings refuse it beyond this machine unless told to."""


def _register_oidc(server: Flask, settings: DashboardSettings) -> None:
    from control_tower_dash.serving.sign_in.oidc import (  # noqa: PLC0415 - a second of imports
        register_oidc,
    )

    register_oidc(server, settings)


_MODES: Final[dict[str, Callable[[Flask, DashboardSettings], None]]] = {
    "none": _register_none,
    "proxy": register_proxy,
    "basic": register_basic,
    "oidc": _register_oidc,
}
