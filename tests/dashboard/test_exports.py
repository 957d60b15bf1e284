"""Tables to take along: what a spreadsheet would run is disarmed, the rest stays as it is."""

import polars as pl

from control_tower_dash.exports import as_csv


def test_formulas_are_disarmed_in_place_in_every_column_of_text() -> None:
    """The columns stay the frame's own, and a minus in a number is no formula."""
    frame = pl.DataFrame({"a": ["=1+1", "x"], "b": ["-2", "@b"], "n": [-3, 4]})
    assert as_csv(frame).decode().splitlines() == ["a,b,n", "'=1+1,'-2,-3", "x,'@b,4"]
