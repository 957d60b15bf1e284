"""Stop tickets from going back and forth between two groups."""

import polars as pl

from control_tower.recommendations.action import Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.statistics import wilson_interval, z_score
from control_tower.recommendations.words import goal, percent

__all__ = ["reduce_ping_pong"]

_TOLERATED_SHARE = 0.05
_FEWEST_HANDOVERS = 30
_FEWEST_A_MONTH = 5.0


def reduce_ping_pong(
    handovers: pl.DataFrame, history: Period, *, tolerated_share: float = _TOLERATED_SHARE
) -> list[Action]:
    """Return the action for the pair of groups whose handovers come straight back most.

    What comes back cost the time it lay with the group that sent it back. One in twenty is
    tolerated: some tickets turn out to be something else.

    Silent unless 30 handovers of the pair came straight back, Wilson's interval of their share, at
    95 % over all pairs at once, lies above the tolerated share, and those beyond it make five a
    month or more.

    Args:
        handovers: Columns from_group, to_group, count, median_hours (with the first group),
            came_back; of the whole history.
        history: The stretch of time they are from.
        tolerated_share: Share that may come back.
    """
    pairs = handovers.filter(pl.col("came_back") >= _FEWEST_HANDOVERS)
    back = handovers.select(to_group="from_group", from_group="to_group", hours_away="median_hours")
    judged = pairs.join(back, on=["from_group", "to_group"], how="left").with_columns(
        beyond=pl.col("came_back") - tolerated_share * pl.col("count"),
        hours_away=pl.col("hours_away").fill_null(0.0),
    )
    z = z_score(handovers.height)
    for row in judged.sort(
        pl.col("beyond") * pl.col("hours_away"),
        "from_group",
        "to_group",
        descending=[True, False, False],
    ).iter_rows(named=True):
        share = wilson_interval(row["came_back"], row["count"], z)
        spared = history.per_month(row["beyond"])
        if share.lower <= tolerated_share or spared < _FEWEST_A_MONTH:
            continue
        hours = spared * row["hours_away"]
        one, other = row["from_group"], row["to_group"]
        return [
            Action(
                action_id=f"reduce_ping_pong:{one}/{other}",
                question=2,
                title=f"Stop the ping-pong between {one} and {other}",
                action=(
                    f"Agree what {one} has to settle before it hands over to {other}, and what "
                    f"{other} may send back; go through the pairs in the evidence together."
                ),
                evidence=(
                    f"{row['came_back']:,} of {row['count']:,} handovers from {one} to {other} "
                    f"came straight back: {percent(share.estimate)} (interval "
                    f"{percent(share.lower)} to {percent(share.upper)}; "
                    f"{goal(tolerated_share)} is tolerated), after a median of "
                    f"{row['hours_away']:,.1f} h with {other}."
                ),
                metric="cycle time",
                estimated_impact=spared,
                impact_unit="handovers avoided a month",
                impact_hours=hours,
                hours_kind="cycle",
                arithmetic=(
                    f"{row['came_back']:,} - {goal(tolerated_share)} of {row['count']:,} = "
                    f"{row['beyond']:,.1f} handovers x {DAYS_PER_MONTH} / {history.days:.0f} days "
                    f"= {spared:,.1f} a month x {row['hours_away']:,.1f} h = {hours:,.0f} cycle "
                    "hours."
                ),
                confidence=confidence_of(
                    row["count"], share.estimate - tolerated_share, share.lower - tolerated_share
                ),
                owner_group=one,
                rows=[
                    EvidenceRow(
                        f"{pair['from_group']} to {pair['to_group']}",
                        "handovers that came straight back",
                        pair["came_back"],
                        "handovers",
                    )
                    for pair in handovers.filter(pl.col("came_back") > 0)
                    .sort("came_back", "from_group", "to_group", descending=[True, False, False])
                    .head(10)
                    .iter_rows(named=True)
                ],
            )
        ]
    return []
