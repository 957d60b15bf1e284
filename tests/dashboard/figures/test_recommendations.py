"""What the figure of the recommendations holds."""

import polars as pl

from control_tower_dash.figures.recommendations import worth


def test_the_first_recommendation_is_drawn_on_top_and_leads_to_its_tickets() -> None:
    """Places count from below; long titles are cut, without tickets there is no way."""
    frame = pl.DataFrame(
        {
            "rank": [1, 2],
            "title": ["Staff Billing", "x" * 80],
            "score_usd": [2500.0, 10.0],
            "tickets_behind": ["action=a", None],
        }
    )
    trace, *_ = worth(frame)["data"]
    assert list(trace["y"]) == [f"2. {'x' * 47}…", "1. Staff Billing"]
    assert list(trace["x"]) == [10.0, 2500.0]
    assert trace["text"] == ["$10.00", "$2,500"]
    assert list(trace["customdata"]) == [None, "action=a"]
