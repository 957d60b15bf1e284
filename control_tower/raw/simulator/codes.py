"""Numbers the event loop uses for names of the contract, and for its own kinds of things."""

from typing import Final

from control_tower.raw.contract import ACTIVITIES, ACTORS, STATUSES

__all__ = ["EVENTS_PER_TICKET", "MOST_VISITS"]

MOST_VISITS: Final = 12
EVENTS_PER_TICKET: Final = 64
"""More than a ticket can have: after twelve visits it is not reopened any more."""

CREATED: Final = ACTIVITIES.index("created")
ASSIGNED: Final = ACTIVITIES.index("assigned")
REPLIED: Final = ACTIVITIES.index("replied")
CUSTOMER_REPLIED: Final = ACTIVITIES.index("customer_replied")
PUT_ON_HOLD: Final = ACTIVITIES.index("put_on_hold")
ESCALATED: Final = ACTIVITIES.index("escalated")
PRIORITY_CHANGED: Final = ACTIVITIES.index("priority_changed")
SOLVED: Final = ACTIVITIES.index("solved")
REOPENED: Final = ACTIVITIES.index("reopened")
CLOSED: Final = ACTIVITIES.index("closed")

NEW: Final = STATUSES.index("new")
OPEN: Final = STATUSES.index("open")
PENDING: Final = STATUSES.index("pending")
ON_HOLD: Final = STATUSES.index("hold")
IS_SOLVED: Final = STATUSES.index("solved")
IS_CLOSED: Final = STATUSES.index("closed")

AGENT: Final = ACTORS.index("agent")
CUSTOMER: Final = ACTORS.index("customer")
SYSTEM: Final = ACTORS.index("system")

# What happens next, in this order at the same moment.
WORK_ENDS: Final = 0
STRETCH_BEGINS: Final = 1
AGENT_IS_FREE: Final = 2
TICKET_IS_BACK: Final = 3
CUSTOMER_REOPENS: Final = 4
TICKET_ARRIVES: Final = 5

# What comes of a stretch of work on a ticket.
TO_SOLVE: Final = 0
TO_ESCALATE: Final = 1
TO_ASK: Final = 2
TO_HOLD: Final = 3

# What a random number is for.
PENDING_WAIT: Final = 20
HOLD_WAIT: Final = 21
IS_REOPENED: Final = 22
REOPEN_WAIT: Final = 23
CHURNS: Final = 24
RATING_WAIT: Final = 25
IS_RATED: Final = 26
SCORE_NOISE: Final = 27
HANDLE_TIME: Final = 30
REPLIES_AGAIN: Final = 31
ESCALATES: Final = 32
ASKS: Final = 33
HOLDS: Final = 34
NEEDS_NO_REPLY: Final = 35
IS_RAISED: Final = 36
