"""What holds for every log: no row vanishes, and neither order nor kind of file matters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.event_log import EventLogError, read_event_log
from control_tower.raw.landing import Landing, complete_tables
from tests.examples import examples
from tests.raw.event_log.logs import mapping, refused, write_xes

START = datetime(2024, 3, 30, tzinfo=UTC)
KEYS: Mapping[str, Any] = {
    "missing": ["?"],
    "largest_unreadable_share": 1,
    "resource": "who",
    "group": "team",
    "priority": {"column": "prio", "values": {"1": "urgent", "2": "high"}},
    "created": "opened",
    "satisfaction": "stars",
    "handle_minutes": "minutes",
}
MOMENTS = st.integers(0, 4000).map(lambda n: (START + timedelta(minutes=n)).isoformat())

dirty_rows = st.fixed_dictionaries(
    {
        "case": st.sampled_from(["1", "2", "3", " 1 ", "", "?"]),
        "activity": st.sampled_from(["come", "look", "solve", "close", "again", "", "?"]),
        "time": st.one_of(
            MOMENTS, MOMENTS.map(lambda t: t[:16]), st.sampled_from(["", "?", "soon", "0001-01-01"])
        ),
        "who": st.sampled_from(["Ada", "Ben", "", "?"]),
        "team": st.sampled_from(["First", "Second", ""]),
        "prio": st.sampled_from(["1", "2", "LOW", "unclear", "", "?"]),
        "opened": st.one_of(MOMENTS, st.sampled_from(["", "?", "never"])),
        "stars": st.sampled_from(["1", "5", "9", "", "good"]),
        "minutes": st.sampled_from(["1.5", "-2", "", "inf", "nan", "long"]),
    }
)
roles = st.sampled_from(
    [
        {},
        {"solved": ["solve"], "closed": ["close"], "reopened": ["again"]},
        {"solved": ["solve", "again"], "agent_reply": ["look"]},
    ]
)


def in_csv(folder: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write rows as CSV."""
    path = folder / "log.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


def assert_same(one: Landing, other: Landing) -> None:
    """See that two landings have the same tables."""
    for name, frame in one.tables.items():
        assert frame.equals(other.tables[name]), name


def landed_or_said(path: Path, keys: Mapping[str, Any], as_of: datetime | None) -> Landing | str:
    """Return the landing, or why there is none."""
    try:
        return read_event_log(path, mapping(**keys), as_of=as_of)
    except EventLogError as error:
        return str(error)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(dirty_rows, min_size=1, max_size=25),
    roles,
    st.sampled_from(["refuse", "keep"]),
    st.one_of(st.none(), st.integers(0, 4000)),
)
def test_every_row_is_an_event_or_refused(
    rows: list[dict[str, str]],
    activities: dict[str, list[str]],
    duplicates: str,
    clock: int | None,
) -> None:
    as_of = None if clock is None else START + timedelta(minutes=clock)
    keys = {**KEYS, "activities": activities, "duplicates": duplicates}
    with TemporaryDirectory() as folder:
        landing = landed_or_said(in_csv(Path(folder), rows), keys, as_of)
    if isinstance(landing, str):
        reasons = ("is refused", "is later than the clock", "none of the activities")
        assert any(reason in landing for reason in reasons)
        return
    tables = complete_tables(landing)
    assert tables["ticket_events"].height + refused(landing) == len(rows)
    assert tables["ticket_events"]["occurred_at"].is_sorted()
    assert set(tables["ticket_events"]["ticket_id"]) == set(tables["tickets"]["ticket_id"])
    last = tables["ticket_events"].group_by("ticket_id").agg(pl.col("status").last())
    assert last.sort("ticket_id").equals(
        tables["tickets"].select("ticket_id", "status").sort("ticket_id")
    )


clean_rows = st.lists(
    st.fixed_dictionaries(
        {
            "case": st.sampled_from(["A-1", "A-2", "<&>", "é"]),
            "activity": st.sampled_from(["come", "look", "solve"]),
            "who": st.sampled_from(["Ada", 'Ben "B"', ""]),
            "team": st.sampled_from(["First, line", "Second"]),
            "prio": st.sampled_from(["1", "2"]),
        }
    ),
    min_size=1,
    max_size=20,
).flatmap(
    lambda rows: st.permutations(range(len(rows))).map(
        lambda order: [
            {**row, "time": (START + timedelta(minutes=37 * place)).isoformat()}
            for row, place in zip(rows, order, strict=True)
        ]
    )
)
CLEAN_KEYS = {key: KEYS[key] for key in ("resource", "group", "priority")}


@settings(max_examples=examples(60), deadline=None)
@given(clean_rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, str]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    with TemporaryDirectory() as folder:
        one = read_event_log(in_csv(Path(folder), rows), mapping(**CLEAN_KEYS))
        other = read_event_log(in_csv(Path(folder), shuffled), mapping(**CLEAN_KEYS))
    assert_same(one, other)


@settings(max_examples=examples(60), deadline=None)
@given(clean_rows)
def test_csv_parquet_and_xes_of_the_same_events_land_the_same(rows: list[dict[str, str]]) -> None:
    cases: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        event = {key: value for key, value in row.items() if key != "case"}
        cases.setdefault(row["case"], []).append(event)
    with TemporaryDirectory() as name:
        folder = Path(name)
        csv = read_event_log(in_csv(folder, rows), mapping(**CLEAN_KEYS))
        frame = pl.DataFrame(rows).with_columns(pl.col("time").str.to_datetime(time_zone="UTC"))
        frame.write_parquet(folder / "log.parquet")
        parquet = read_event_log(folder / "log.parquet", mapping(**CLEAN_KEYS))
        xes_mapping = mapping(**CLEAN_KEYS, case="case:concept:name")
        xes = [
            read_event_log(write_xes(folder / name, cases), xes_mapping)
            for name in ("log.xes", "log.xes.gz")
        ]
    for other in (parquet, *xes):
        assert_same(csv, other)
