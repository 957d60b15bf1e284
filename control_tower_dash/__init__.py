"""The dashboard: pages that read the published snapshot and nothing else."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dash import Dash

    from control_tower_dash.settings import DashboardSettings

__all__ = ["create_app"]


def create_app(settings: "DashboardSettings", *, views: Path | None = None) -> "Dash":
    """Return the dashboard of a data directory; it may be called any number of times.

    Args:
        settings: Where its data is, and how it is served.
        views: Folder in which processes that serve the same dashboard share what they worked out.
    """
    from dash import Dash  # noqa: PLC0415 - settings are read without it
    from flask import Response  # noqa: PLC0415

    from control_tower_dash.answers import register_answers  # noqa: PLC0415
    from control_tower_dash.exports import register_exports  # noqa: PLC0415
    from control_tower_dash.pages import PAGES  # noqa: PLC0415
    from control_tower_dash.services import Services  # noqa: PLC0415
    from control_tower_dash.serving.install import install  # noqa: PLC0415
    from control_tower_dash.shell import layout, register_shell  # noqa: PLC0415
    from control_tower_dash.theme import token_css  # noqa: PLC0415

    services = Services.of(settings, views)
    elements = {element.name: element for page in PAGES for element in page.elements}
    app = Dash(
        __name__,
        title="Operations Control Tower",
        update_title="",
        assets_folder=str(Path(__file__).parent / "assets"),
        external_stylesheets=["/tokens.css"],
        serve_locally=True,
        suppress_callback_exceptions=True,
        compress=True,
    )
    app.layout = layout(PAGES, services)
    register_shell(app, PAGES, elements, services)
    for page in PAGES:
        if page.register:
            page.register(app, services)
    register_answers(app.server, PAGES, services)
    app.server.add_url_rule(
        "/tokens.css", "tokens", lambda: Response(token_css(), mimetype="text/css")
    )
    register_exports(app.server, elements, services)
    install(app, settings, services.warehouse)
    return app
