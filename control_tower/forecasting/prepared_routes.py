"""Where visits of each kind of ticket go next, as arrays."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["OUTCOMES", "kind_share", "kinds_of", "place_of", "routes_of"]

Numbers = NDArray[np.float64]

OUTCOMES: Final = ("handed_over", "pending", "hold", "reopened", "done")


def place_of(column: str, places: dict[str, int]) -> pl.Expr:
    """Return the places of a column's names; a name without one is an error of Polars."""
    return pl.col(column).replace_strict(places, return_dtype=pl.Int64)


def kinds_of(routes: pl.DataFrame, rank: dict[str, int]) -> pl.DataFrame:
    """Return the kinds of ticket there are: kind, priority, rank, target_minutes, in hours or not.

    Args:
        routes: The profile's routes.
        rank: Places of priorities.
    """
    kind = ["priority", "target_minutes", "is_business_hours"]
    return (
        routes.select(kind)
        .unique()
        .with_columns(place_of("priority", rank).alias("rank"))
        .sort("rank", "target_minutes", "is_business_hours")
        .with_row_index("kind")
        .with_columns(pl.col("kind").cast(pl.Int64))
    )


def _with_kind(
    routes: pl.DataFrame, kinds: pl.DataFrame, place: dict[str, int], rank: dict[str, int]
) -> pl.DataFrame:
    return routes.join(
        kinds.select("priority", "target_minutes", "is_business_hours", "kind"),
        on=["priority", "target_minutes", "is_business_hours"],
    ).with_columns(
        place_of("group_name", place).alias("group"),
        place_of("priority", rank).alias("rank"),
        pl.col("is_returning").cast(pl.Int64).alias("turn"),
        # Of one priority, tickets that came back are older than those that come anew.
        (2 * place_of("priority", rank) + (~pl.col("is_returning")).cast(pl.Int64)).alias("queue"),
    )


def routes_of(
    routes: pl.DataFrame, kinds: pl.DataFrame, place: dict[str, int], rank: dict[str, int]
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return how visits end, how quick a kind's work is, minutes of a visit, and handovers.

    Args:
        routes: The profile's routes.
        kinds: As by `kinds_of`.
        place: Places of groups.
        rank: Places of priorities.

    Returns:
        `ends`, `pace_of_kind`, `minutes` and `handover` of `PreparedDesk`.
    """
    groups = len(place)
    shares = np.zeros((groups, kinds.height, 2, len(OUTCOMES) * groups))
    shares[:, :, :, -1] = 1e-12
    pace = np.ones((groups, kinds.height, 2))
    coded = _with_kind(routes, kinds, place, rank).with_columns(
        place_of("outcome", {name: n for n, name in enumerate(OUTCOMES)}).alias("end"),
        pl.when(pl.col("to_group") == "")
        .then(groups - 1)
        .otherwise(pl.col("to_group").replace_strict(place, default=0, return_dtype=pl.Int64))
        .alias("to"),
    )
    group, kind, turn = (coded[name].to_numpy() for name in ("group", "kind", "turn"))
    slot = coded["end"].to_numpy() * groups + coded["to"].to_numpy()
    np.add.at(shares, (group, kind, turn, slot), coded["share_of_visits"].to_numpy())
    ends = np.cumsum(shares / shares.sum(axis=3, keepdims=True), axis=3)

    visits = coded.unique(["group", "kind", "turn"])
    weight = pl.col("visits")
    usual = visits.group_by("group", "turn").agg(
        ((pl.col("mean_minutes") * weight).sum() / weight.sum()).alias("usual")
    )
    for row in visits.join(usual, on=["group", "turn"]).iter_rows(named=True):
        if row["usual"] > 0:
            pace[row["group"], row["kind"], row["turn"]] = row["mean_minutes"] / row["usual"]
    by_queue = visits.group_by("group", "queue").agg(
        ((pl.col("mean_minutes") * weight).sum() / weight.sum()).alias("minutes"),
        weight.sum().alias("of"),
    )
    minutes = np.zeros((groups, 2 * len(rank)))
    own, queue = by_queue["group"].to_numpy(), by_queue["queue"].to_numpy()
    minutes[own, queue] = by_queue["minutes"].to_numpy()
    handed = (
        coded.filter(pl.col("outcome") == "handed_over")
        .group_by("group", "queue", "to")
        .agg((weight * pl.col("share_of_visits")).sum().alias("tickets"))
        .join(by_queue, on=["group", "queue"])
    )
    handover = np.zeros((groups, 2 * len(rank), groups))
    own, queue, to = (handed[name].to_numpy() for name in ("group", "queue", "to"))
    handover[own, queue, to] = (handed["tickets"] / handed["of"]).to_numpy()
    return ends, pace, minutes, handover


def kind_share(
    routes: pl.DataFrame, kinds: pl.DataFrame, place: dict[str, int], rank: dict[str, int]
) -> Numbers:
    """Return the cumulative share of each kind among a group's new tickets of a priority."""
    shares = np.zeros((len(place), len(rank), kinds.height))
    own = np.zeros((len(rank), kinds.height))
    own[kinds["rank"].to_numpy(), kinds["kind"].to_numpy()] = 1e-9
    shares += own
    new = _with_kind(routes.filter(~pl.col("is_returning")), kinds, place, rank).unique(
        ["group", "kind"]
    )
    np.add.at(
        shares,
        (new["group"].to_numpy(), new["rank"].to_numpy(), new["kind"].to_numpy()),
        new["visits"].to_numpy(),
    )
    total = np.maximum(shares.sum(axis=2, keepdims=True), 1e-12)
    return np.cumsum(shares / total, axis=2)
