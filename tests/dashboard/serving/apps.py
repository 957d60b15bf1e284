"""Dashboards to ask without a network."""

from pathlib import Path

from flask.testing import FlaskClient

from control_tower_dash import create_app
from control_tower_dash.settings import DashboardSettings

__all__ = ["client", "settings"]


def settings(data_dir: Path, **chosen: object) -> DashboardSettings:
    """Return the settings of a data directory, with some chosen."""
    return DashboardSettings.model_validate({"data_dir": data_dir, **chosen})


def client(data_dir: Path, **chosen: object) -> FlaskClient:
    """Return a client of a dashboard with some settings chosen."""
    server = create_app(settings(data_dir, **chosen)).server
    made: FlaskClient = server.test_client()
    return made
