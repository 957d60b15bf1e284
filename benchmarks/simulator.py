"""How fast the simulator makes tickets, on one core.

Compiling is not counted: each size is simulated in a process of its own, after a small desk that
loads the compiled loop.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.options import Options
from benchmarks.results import OURS, Row, row_of
from benchmarks.steps import DONE, module, run
from benchmarks.telling import tell, timed

__all__ = ["rows"]

_AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


def rows(options: Options) -> Iterator[Row]:
    """Yield seconds, memory and tickets a second at each size."""
    for count in options.sizes:
        command = ["taskset", "-c", "0", *module("benchmarks.simulator", count)]
        ended = run(command, options.bounds)
        said, more = ended.said, {}
        if ended.how == DONE:
            more = {
                "tickets landed": said["tickets"],
                "events": said["events"],
                "tickets a second": round(said["tickets"] / said["seconds"]),
            }
        yield row_of("simulator", f"{count:,} tickets a year", OURS, ended, more=more)


def _work(tickets_per_year: int) -> None:
    from control_tower.raw.simulator import load_configuration, simulate  # noqa: PLC0415

    configuration = load_configuration(None)
    simulate(configuration, seed=7, tickets_per_year=100, as_of=_AS_OF)
    seconds: dict[str, float] = {}
    with timed(seconds, "simulate"):
        landing = simulate(configuration, seed=7, tickets_per_year=tickets_per_year, as_of=_AS_OF)
    tell(
        seconds=seconds["simulate"],
        tickets=landing.tables["tickets"].height,
        events=landing.tables["ticket_events"].height,
    )


if __name__ == "__main__":
    _work(int(sys.argv[1]))
