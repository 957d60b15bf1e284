"""The rows the room looks at, chosen while they are read: how the desk did of late.

Read whole, the events and clocks of a year of five million tickets need more memory than all else.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from control_tower.forecasting.measured_capacity import FEWEST_TICKETS, RECENT_DAYS
from control_tower.forecasting.people_by_hour import STAFFING_DAYS
from control_tower.forecasting.staffing_inputs import DEMAND_DAYS
from control_tower.forecasting.visit_outcomes import RECENT_DAYS as RECENT_VISITS
from control_tower.forecasting.visit_outcomes import SLA_METRICS
from control_tower.warehouse import quoted_list

__all__ = ["DAYS_BACK", "recent_rows"]

DAYS_BACK: Final = max(DEMAND_DAYS, RECENT_DAYS, RECENT_VISITS, STAFFING_DAYS) + 2
"""As far as any of them looks; local days begin earlier than those of UTC."""

_EVENTS: Final = "staging.stg_ticket_events"
_TARGETS: Final = "marts.sla"


def recent_rows(inputs: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Return SQL for the rows the room looks at of its largest inputs.

    Of events all those of tickets that anything happened to lately, and of tickets a group worked
    on that has too few of late to measure its minutes on; of targets those of the first metric, of
    the ones that may be foretold, that the desk has any for.

    Args:
        inputs: The columns it reads, by input.
    """
    metrics = ", ".join(f"'{metric}'" for metric in SLA_METRICS)
    return {
        _EVENTS: f"""
            with since as (
                select as_of - interval {DAYS_BACK} days as since from staging.stg_landing
            ),
            seldom as (
                select costs.group_name
                from staging.stg_ticket_costs as costs
                inner join staging.stg_tickets as tickets using (ticket_id)
                cross join staging.stg_landing as landing
                where tickets.status in ('solved', 'closed')
                group by costs.group_name
                having {FEWEST_TICKETS} > count(*) filter (
                    tickets.created_at::date >= landing.as_of::date - {RECENT_DAYS}
                )
            ),
            looked_at as (
                select ticket_id from {_EVENTS} where occurred_at >= (select since from since)
                union
                select ticket_id from staging.stg_tickets
                where created_at >= (select since from since)
                union
                select ticket_id from staging.stg_ticket_costs
                where group_name in (select group_name from seldom)
            )
            select {quoted_list(inputs[_EVENTS])}
            from {_EVENTS}
            where ticket_id in (select ticket_id from looked_at)
        """,  # noqa: S608 - names are quoted or fixed
        _TARGETS: f"""
            select {quoted_list(inputs[_TARGETS])}
            from {_TARGETS}
            where metric = (
                select min_by(metric, list_position([{metrics}], metric))
                from {_TARGETS}
                where metric in ({metrics})
            )
        """,  # noqa: S608 - names are quoted or fixed
    }
