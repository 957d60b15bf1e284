"""Texts at the ends of bars stand where there is room, in a colour that can be read."""

import polars as pl
import pytest

from control_tower_dash.figures.parts import bars, contrasting, ends_of_bars
from control_tower_dash.theme import BAD, HUE, SERIES


def test_texts_stand_within_long_bars_and_beyond_short_ones() -> None:
    """Every bar has its text once, at its end."""
    lengths = pl.Series([1.0, 0.9, 0.2, 0.0])
    bar = bars(
        lengths, pl.Series(["a", "b", "c", "d"]), "", color=[HUE, BAD, HUE, HUE], orientation="h"
    )
    within, beyond = ends_of_bars(bar, ["100%", "90%", "20%", "0%"])
    assert (within["x"], within["y"]) == ([1.0, 0.9], ["a", "b"])
    assert [text.strip() for text in within["text"]] == ["100%", "90%"]
    assert within["textposition"] == "middle left"
    assert within["textfont"]["color"] == [contrasting(HUE), contrasting(BAD)]
    assert (beyond["x"], beyond["y"]) == ([0.2, 0.0], ["c", "d"])
    assert beyond["textposition"] == "middle right"
    assert "textfont" not in beyond


def test_names_of_two_levels_keep_both() -> None:
    """A text stands at its bar's dimension and value."""
    bar = bars(pl.Series([0.1, 0.9]), pl.Series(["", ""]), "", color=[HUE, HUE])
    bar["y"] = [["Group", "Priority"], ["Tier 1", "high"]]
    within, beyond = ends_of_bars(bar, ["10%", "90%"])
    assert within["y"] == [["Priority"], ["high"]]
    assert beyond["y"] == [["Group"], ["Tier 1"]]


@pytest.mark.parametrize("lengths", [[0.0, 0.0], [None, None]])
def test_bars_of_no_length_have_their_texts_beyond(lengths: list[float | None]) -> None:
    """There is no room within nothing."""
    series = pl.Series(lengths, dtype=pl.Float64)
    bar = bars(series, pl.Series(["a", "b"]), "", color=[HUE, HUE])
    (beyond,) = ends_of_bars(bar, ["—", "—"])
    assert beyond["textposition"] == "middle right"


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("color", SERIES)
def test_text_on_a_colour_can_be_read(color: str) -> None:
    """WCAG 2.2 asks for a contrast of 4.5 to 1 of texts this small."""
    low, high = sorted((_luminance(color), _luminance(contrasting(color))))
    assert (high + 0.05) / (low + 0.05) >= 4.5
