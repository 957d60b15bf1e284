"""Figures beside a landed table are of that table."""

from control_tower.raw.contract import RAW_TABLES, REFERENCE_TABLES
from control_tower.raw.figures import telling_figures
from control_tower.raw.landing import Landing, complete_tables, empty_table


def test_figures_of_two_tickets(small_landing: Landing) -> None:
    """One of two is open; five events belong to two tickets."""
    tables = complete_tables(small_landing)
    assert telling_figures("tickets", tables["tickets"].lazy())["open_tickets"] == 1
    assert (
        telling_figures("ticket_events", tables["ticket_events"].lazy())["events_per_ticket"] == 2.5
    )


def test_an_empty_table_has_none() -> None:
    """No figure is made up for a table without rows."""
    for name in (*RAW_TABLES, *REFERENCE_TABLES):
        assert telling_figures(name, empty_table(name).lazy()) == {}
