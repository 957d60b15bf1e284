"""Plain DuckDB SQL: what follows what and how long it takes, and the variants. The floor."""

import sys

import duckdb

from benchmarks.telling import tell, timed

_STEPS = """
    with steps as (
        select
            activity,
            lead(activity) over following as next_activity,
            epoch_us(lead(occurred_at) over following) - epoch_us(occurred_at) as microseconds
        from read_parquet($file)
        window following as (partition by ticket_id order by occurred_at, event_id)
    )
    select
        activity,
        next_activity,
        count(*) as steps,
        avg(microseconds) / 3.6e9 as mean_hours,
        median(microseconds) / 3.6e9 as median_hours,
        quantile_cont(microseconds, 0.9) / 3.6e9 as p90_hours
    from steps
    where next_activity is not null
    group by all
"""
_VARIANTS = """
    with ways as (
        select list(activity order by occurred_at, event_id) as way
        from read_parquet($file)
        group by ticket_id
    )
    select way, count(*) as tickets from ways group by way
"""

if __name__ == "__main__":
    seconds: dict[str, float] = {}
    file = {"file": f"{sys.argv[1]}/events.parquet"}
    with duckdb.connect() as connection:
        # Above this it spills to the disk, so that it need not be stopped at the bound.
        connection.execute("set memory_limit = '5GiB'")
        with timed(seconds, "steps"):
            steps = connection.execute(_STEPS, file).fetchall()
        with timed(seconds, "variants"):
            variants = connection.execute(_VARIANTS, file).fetchall()
    tell(
        seconds=seconds,
        steps=[row[:3] for row in steps],
        variants=[count for _, count in variants],
        version=duckdb.__version__,
    )
