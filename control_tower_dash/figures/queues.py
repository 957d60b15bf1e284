"""Figures of the queue performance page."""

from typing import Final

import polars as pl

from control_tower_dash.elements import Figure
from control_tower_dash.figures.parts import AS_IT_IS, bars, ends_of_bars, figure, room_for_names
from control_tower_dash.formats import readable
from control_tower_dash.theme import BAD, HUE, SERIES

__all__ = ["backlog_bars", "score_bars"]

_OTHERS: Final = "Other groups"


def score_bars(frame: pl.DataFrame) -> Figure:
    """Draw the bottleneck score of every group, the highest on top and in orange.

    Args:
        frame: Columns group_name, tickets, median_hours_in_group, breach_rate, bottleneck_score,
            rank, tickets_behind; highest score first.
    """
    # Lying bars are drawn from the bottom up.
    rows = frame.reverse()
    is_worst = (rows["rank"] == 1) & (rows["bottleneck_score"] > 0)
    trace = bars(
        rows["bottleneck_score"],
        rows["group_name"],
        "Score",
        color=[BAD if worst else HUE for worst in is_worst],
        orientation="h",
    )
    trace |= {
        "customdata": [
            [
                row["tickets_behind"],
                f"{row['tickets']:,} tickets",
                f"{readable(row['median_hours_in_group'], 'hours')} in the group (median)",
                f"{readable(row['breach_rate'], 'share')} missed a target",
            ]
            for row in rows.iter_rows(named=True)
        ],
        "hovertemplate": (
            "score %{x:.1f}<br>%{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]}"
            "<extra></extra>"
        ),
    }
    texts = [
        f"{score:.1f}{' bottleneck' if worst else ''}"
        for score, worst in zip(rows["bottleneck_score"], is_worst, strict=True)
    ]
    return figure(
        [trace, *ends_of_bars(trace, texts)],
        hovermode="closest",
        showlegend=False,
        xaxis={**AS_IT_IS, "rangemode": "tozero"},
        yaxis=dict(AS_IT_IS),
        margin={"l": room_for_names(rows["group_name"])},
    )


def backlog_bars(frame: pl.DataFrame) -> Figure:
    """Draw open tickets by age, stacked by group.

    Args:
        frame: Columns group_name, age, tickets, tickets_behind; every group has every age.
    """
    largest = (
        frame.group_by("group_name")
        .agg(pl.sum("tickets"))
        .sort("tickets", "group_name", descending=[True, False])["group_name"]
        .to_list()
    )
    named = largest if len(largest) <= len(SERIES) else largest[: len(SERIES) - 1]
    traces = [
        bars(
            rows["age"],
            rows["tickets"],
            name,
            color=color,
            hover="%{y:,}",
            behind=rows["tickets_behind"],
        )
        for name, color in zip(named, SERIES, strict=False)
        for rows in (frame.filter(pl.col("group_name") == name),)
    ]
    rest = frame.filter(~pl.col("group_name").is_in(named))
    if rest.height:
        others = rest.group_by("age", maintain_order=True).agg(pl.sum("tickets"))
        traces.append(
            bars(others["age"], others["tickets"], _OTHERS, color=SERIES[-1], hover="%{y:,}")
        )
    return figure(
        traces,
        barmode="stack",
        showlegend=True,
        xaxis={"type": "category"},
        yaxis={"rangemode": "tozero", "tickformat": ",d", "title": {"text": "open tickets"}},
    )
