"""What stands before the pages, put in place at once."""

from typing import TYPE_CHECKING

from control_tower_dash.serving.health import register_health
from control_tower_dash.serving.metrics import register_metrics, require_metrics_token
from control_tower_dash.serving.protection import protect
from control_tower_dash.serving.questions import require_questions
from control_tower_dash.serving.sign_in import require_sign_in
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Warehouse

if TYPE_CHECKING:
    from dash import Dash

__all__ = ["install"]


def install(app: "Dash", settings: DashboardSettings, warehouse: Warehouse) -> None:
    """Protect an app whose pages and callbacks are complete, and let it tell how it is."""
    # Dash does the rest at the first request; one that comes while that is under way would find
    # scripts not registered yet, and the page that asked would stay empty.
    with app.server.test_request_context():
        app.server.preprocess_request()
    register_metrics(app.server, settings, warehouse)
    protect(app.server, settings, app.csp_hashes())
    require_metrics_token(app.server, settings)
    require_sign_in(app.server, settings)
    require_questions(app)
    register_health(app.server, warehouse)
