"""Erlang C, the queue in equilibrium that is answered at once or not: an oracle for limit cases."""

__all__ = ["wait_probability"]


def wait_probability(erlangs: float, agents: int) -> float:
    """Return the share of calls that wait, by Erlang's second formula (1917)."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    return agents * blocked / (agents - erlangs * (1 - blocked))
