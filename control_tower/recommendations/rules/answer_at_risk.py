"""Answer now the tickets that are about to miss a target."""

import polars as pl

from control_tower.recommendations.action import DESK, Action, EvidenceRow, confidence_of
from control_tower.recommendations.words import plural

__all__ = ["answer_at_risk"]

_FEWEST_TICKETS = 3
_FEWEST_EXPECTED = 2.0
_URGENT = ("critical", "high")
_SAMPLE_TICKETS = 20


def answer_at_risk(at_risk: pl.DataFrame) -> list[Action]:
    """Return the action for the open tickets at critical or high risk of missing a target.

    Every clock counts with its breach probability; the sum is how many targets will be missed if
    the desk goes on as it does. It is counted once, for today, though it comes back every day.

    Silent unless three tickets are at critical or high risk and two missed targets are to be
    expected from them. Targets already missed are not counted: they cannot be met any more.

    Args:
        at_risk: Columns ticket_id, metric, group_name, remaining_minutes, breach_probability,
            similar_clocks, risk.
    """
    urgent = at_risk.filter(pl.col("risk").is_in(_URGENT)).sort(
        "remaining_minutes", "ticket_id", "metric"
    )
    tickets = urgent["ticket_id"].n_unique()
    expected = float(urgent["breach_probability"].sum())
    if tickets < _FEWEST_TICKETS or expected < _FEWEST_EXPECTED:
        return []
    groups = (
        urgent.group_by("group_name")
        .agg(n=pl.col("ticket_id").n_unique())
        .sort("n", "group_name", descending=[True, False])
    )
    split = ", ".join(f"{name} {n}" for name, n in groups.iter_rows())
    similar = min(urgent["similar_clocks"].to_list())
    soonest = float(urgent["remaining_minutes"][0])
    probabilities = [f"{value:.2f}" for value in urgent["breach_probability"].head(6)]
    more = f" + {urgent.height - 6} more" if urgent.height > 6 else ""
    return [
        Action(
            action_id="answer_at_risk:today",
            question=1,
            title=f"Answer {plural(tickets, 'ticket')} before the target is missed",
            action="Take the tickets in the evidence in their order, before anything else today.",
            evidence=(
                f"{plural(tickets, 'open ticket')} with {plural(urgent.height, 'running target')} "
                f"at critical or high risk ({split}); the first has {soonest:,.0f} minutes left "
                f"on its clock. {expected:,.1f} missed targets are to be expected of them."
            ),
            metric="SLA attainment",
            estimated_impact=expected,
            impact_unit="missed targets avoided today",
            breaches_avoided=expected,
            arithmetic=(
                f"The breach probabilities added up: {' + '.join(probabilities)}{more} = "
                f"{expected:,.1f}, counted once."
            ),
            confidence=confidence_of(similar, 1.0, 1.0),
            owner_group=str(groups["group_name"][0]) if groups.height == 1 else DESK,
            rows=[
                EvidenceRow(
                    f"ticket {row['ticket_id']}",
                    f"{row['metric']}, minutes left ({row['group_name']})",
                    row["remaining_minutes"],
                    "minutes",
                    row["ticket_id"],
                )
                for row in urgent.head(_SAMPLE_TICKETS).iter_rows(named=True)
            ],
        )
    ]
