"""Ways of tickets drawn as chains of boxes: variants, and the path they are held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import AS_IT_IS, contrasting, figure, written
from control_tower_dash.formats import readable
from control_tower_dash.queries.drill import BEHIND
from control_tower_dash.theme import GREY, SERIES

__all__ = ["MOST_BOXES", "path_chain", "variant_chains"]

MOST_BOXES: Final = 12
_ROW: Final = 64
_LINE_CHARACTERS: Final = 14


@dataclass(frozen=True)
class _Chain:
    activities: Sequence[str]
    title: str
    behind: str | None


def variant_chains(frame: pl.DataFrame) -> Figure:
    """Draw variants as chains, each below its share, cycle time and breach rate.

    Args:
        frame: Columns activities, tickets, share, cumulative_share, median_cycle_hours,
            breach_rate, tickets_behind.
    """
    chains = [
        _Chain(
            row["activities"],
            f"<b>{row['share']:.1%}</b> ({row['tickets']:,}) · Σ {row['cumulative_share']:.1%} · "
            f"median {readable(row['median_cycle_hours'], 'hours')}"
            + ("" if row["breach_rate"] is None else f" · {row['breach_rate']:.1%} breached"),
            row[BEHIND],
        )
        for row in frame.iter_rows(named=True)
    ]
    return _drawn(chains)


def path_chain(frame: pl.DataFrame) -> Figure:
    """Draw the reference path, and below each step how many left it out.

    Args:
        frame: Columns activity, path_name, share_skipped.
    """
    names = frame["activity"].to_list()
    drawn = _drawn([_Chain(names, str(frame["path_name"][0]), None)])
    skipped = frame["share_skipped"].head(MOST_BOXES).to_list()
    texts = ["not due" if share is None else f"{share:.1%}<br>left out" for share in skipped]
    places = [at + 0.5 for at in range(len(skipped))]
    drawn["data"].append(
        written(places, [0.36] * len(skipped), texts, "bottom center", textfont={"size": 11})
    )
    drawn["layout"] |= {"height": 150}
    drawn["layout"]["yaxis"]["range"] = [1.0, -0.62]
    return drawn


def _drawn(chains: Sequence[_Chain]) -> Figure:
    names = list(dict.fromkeys(name for chain in chains for name in chain.activities[:MOST_BOXES]))
    boxes = [
        (name, at, row, chain.behind)
        for row, chain in enumerate(chains)
        for at, name in enumerate(chain.activities[:MOST_BOXES])
    ]
    traces = [_boxes_of(name, place, boxes) for place, name in enumerate(names)]
    titles = _said([(0, row - 0.36, chain.title) for row, chain in enumerate(chains)], "top right")
    cut = [
        (MOST_BOXES + 0.05, row, f"+{len(chain.activities) - MOST_BOXES}")
        for row, chain in enumerate(chains)
        if len(chain.activities) > MOST_BOXES
    ]
    widest = max((min(len(chain.activities), MOST_BOXES) for chain in chains), default=1)
    return figure(
        [*traces, titles, *([_said(cut, "middle right")] if cut else [])],
        height=_ROW * len(chains) + 16,
        hovermode="closest",
        showlegend=False,
        barmode="overlay",
        bargap=0,
        uniformtext={"mode": "hide", "minsize": 7},
        margin={"l": 4, "r": 4, "t": 6, "b": 6},
        xaxis={**AS_IT_IS, "visible": False, "range": [0, max(widest, 5) + (0.6 if cut else 0)]},
        yaxis={**AS_IT_IS, "visible": False, "range": [len(chains) - 0.45, -0.75]},
    )


def _boxes_of(
    name: str, place: int, boxes: Sequence[tuple[str, int, int, str | None]]
) -> dict[str, Any]:
    own = [box for box in boxes if box[0] == name]
    color = SERIES[place] if place < len(SERIES) else GREY
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": [at + 0.03 for _, at, _, _ in own],
        "x": [0.94] * len(own),
        "y": [row for _, _, row, _ in own],
        "width": 0.56,
        "marker": {"color": color},
        "text": [_broken(name)] * len(own),
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": contrasting(color), "size": 12},
        "customdata": [behind for _, _, _, behind in own],
        "hovertemplate": f"{name}<extra></extra>",
    }


def _said(notes: Sequence[tuple[float, float, str]], where: str) -> dict[str, Any]:
    x, y, texts = zip(*notes, strict=True)
    return written(x, y, texts, where, textfont={"size": 12})


def _broken(name: str) -> str:
    lines: list[str] = []
    for word in name.replace("_", " ").split():
        if lines and len(lines[-1]) + len(word) < _LINE_CHARACTERS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(lines)
