"""pandas: what follows what and how long it takes, and the variants, written well."""

import sys
from itertools import pairwise

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from benchmarks.telling import tell, timed

if __name__ == "__main__":
    seconds: dict[str, float] = {}
    with timed(seconds, "read"):
        log = pd.read_parquet(
            f"{sys.argv[1]}/events.parquet",
            columns=["ticket_id", "event_id", "activity", "occurred_at"],
        )
    with timed(seconds, "prepare"):
        log["activity"] = log["activity"].astype("category")
        log = log.sort_values(["ticket_id", "occurred_at", "event_id"], ignore_index=True)
        is_first = log["ticket_id"].ne(log["ticket_id"].shift())
    with timed(seconds, "steps"):
        is_followed = ~is_first.shift(-1, fill_value=True)
        between = log["occurred_at"].shift(-1) - log["occurred_at"]
        pairs = pd.DataFrame(
            {
                "step": log["activity"],
                "following": log["activity"].shift(-1),
                "hours": between.dt.total_seconds() / 3600,
            }
        )[is_followed]
        durations = pairs.groupby(["step", "following"], observed=True)["hours"]
        steps = durations.agg(["size", "mean", "median"])
        steps["p90"] = durations.quantile(0.9)
    with timed(seconds, "variants"):
        # Joining within groups would call Python once a ticket and be several times slower.
        text = log["activity"].cat.codes.to_numpy(np.uint8).tobytes()
        bounds = [*np.flatnonzero(is_first).tolist(), len(log)]
        ways = (text[begin:end] for begin, end in pairwise(bounds))
        variants = pd.Series(ways).value_counts()
    tell(
        seconds=seconds,
        steps=[[*pair, int(size)] for pair, size in steps["size"].items()],
        variants=variants.tolist(),
        version=pd.__version__,
    )
