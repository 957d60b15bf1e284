"""pm4py: the directly-follows graph, the performance graph and the variants of a Parquet file."""

import sys

import pandas as pd  # type: ignore[import-untyped]
import pm4py

from benchmarks.telling import tell, timed

if __name__ == "__main__":
    seconds: dict[str, float] = {}
    with timed(seconds, "read"):
        log = pd.read_parquet(
            f"{sys.argv[1]}/events.parquet", columns=["ticket_id", "activity", "occurred_at"]
        )
    # As its manual asks for: else cases that are numbers are refused, and a log that is not in
    # order of case has false variants.
    with timed(seconds, "prepare"):
        log = pm4py.format_dataframe(
            log, case_id="ticket_id", activity_key="activity", timestamp_key="occurred_at"
        )
    with timed(seconds, "discover_dfg"):
        steps, _, _ = pm4py.discover_dfg(log)
    with timed(seconds, "discover_performance_dfg"):
        pm4py.discover_performance_dfg(log)
    with timed(seconds, "get_variants"):
        variants = pm4py.get_variants(log)
    tell(
        seconds=seconds,
        steps=[[*pair, count] for pair, count in steps.items()],
        variants=[v if isinstance(v, int) else len(v) for v in variants.values()],
        version=pm4py.__version__,
    )
