"""The SLA targets of which it is known whether they were kept."""

from control_tower_dash.filters import Filters, Predicate

__all__ = ["decided_targets"]


def decided_targets(filters: Filters) -> Predicate:
    """Return a select of every decided SLA target: ticket_id, is_met and decided_at.

    Group, priority and type are those the target had, as the marts count it; channel and tier are
    the ticket's. Its parameters come with it.
    """
    own = filters.where("sla", ("group", "priority", "type"))
    tickets = filters.where("outcomes", ("channel", "tier"))
    join = (
        "inner join marts.ticket_outcomes as outcomes on sla.ticket_id = outcomes.ticket_id"
        if tickets.parameters
        else ""
    )
    sql = f"""
        select
            sla.ticket_id,
            sla.sla_status = 'within_sla' as is_met,
            coalesce(sla.breach_at, sla.ended_at, snapshot.as_of) as decided_at
        from marts.sla as sla
        cross join meta.snapshot as snapshot
        {join}
        where sla.is_decided and {own.sql} and {tickets.sql}
    """  # noqa: S608
    return Predicate(sql, (*own.parameters, *tickets.parameters))
