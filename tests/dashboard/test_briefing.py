"""The Monday briefing to take along: what the table says, and nothing else."""

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from flask import Flask

from control_tower_dash.exports import register_exports
from tests.dashboard.made_up import MadeUp
from tests.dashboard.queries.test_data import AS_OF


def client(*rows: tuple[str, str, str]) -> Any:
    """Return a client of a server whose snapshot has these briefings."""
    table = pl.DataFrame(
        rows, dict.fromkeys(("title", "markdown", "html"), pl.String), orient="row"
    )
    reader = MadeUp({"recommendations.briefing": table}, AS_OF)
    server = Flask(__name__)
    services: Any = SimpleNamespace(warehouse=SimpleNamespace(current=lambda: reader))
    register_exports(server, {}, services)
    return server.test_client()


@pytest.mark.parametrize(
    ("kind", "says", "mimetype"),
    [("md", "# März", "text/markdown"), ("html", "<p>März</p>", "text/html")],
)
def test_a_briefing_is_the_tables_own_as_an_attachment(kind: str, says: str, mimetype: str) -> None:
    """Byte by byte, under a name with the day it stands for."""
    response = client(("Monday", "# März", "<p>März</p>")).get(f"/briefing.{kind}")
    assert (response.status_code, response.mimetype) == (200, mimetype)
    assert response.get_data(as_text=True) == says
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="briefing-2026-03-31.{kind}"'
    )


def test_other_formats_and_snapshots_without_a_briefing_are_not_found() -> None:
    """No empty file is handed out."""
    assert client(("Monday", "a", "b")).get("/briefing.pdf").status_code == 404
    assert client().get("/briefing.md").status_code == 404
