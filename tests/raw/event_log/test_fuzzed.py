"""Whatever a mapping or a log holds, it is read, or refused in one sentence."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.event_log import EventLogError, EventLogMapping, read_event_log
from control_tower.raw.event_log.mapping_file import load_mapping, shipped_mappings
from control_tower.settings import PROJECT_ROOT
from tests.examples import examples
from tests.raw.event_log.logs import mapping, write_xes

_FUZZ = settings(max_examples=examples(80), deadline=None)
_MAPPINGS = PROJECT_ROOT / "control_tower" / "raw" / "event_log" / "mappings"
_CSV = b"case,activity,time\n1,come,2026-01-01T09:00:00\n1,solve,2026-01-01T10:00:00\n"

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text(max_size=12)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(["column", "values", "zone", "targets", "minutes"]), scalars),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


def _loaded(content: bytes) -> EventLogMapping | str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.yaml"
        path.write_bytes(content)
        try:
            return load_mapping(path)
        except EventLogError as error:
            return str(error)


def _is_told_well(found: object) -> bool:
    return not isinstance(found, str) or found.startswith("mapping.yaml")


@_FUZZ
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_any_bytes_as_a_mapping(content: bytes) -> None:
    """A mapping needs three keys, so that none of these is one."""
    found = _loaded(content)
    assert isinstance(found, str)
    assert _is_told_well(found), found


@_FUZZ
@given(st.sampled_from(sorted(EventLogMapping.model_fields)), values)
def test_any_value_of_any_key(key: str, value: Any) -> None:
    """With the three keys there, and one of all replaced."""
    asked = {"case": "case", "activity": "activity", "time": "time", key: value}
    found = _loaded(yaml.safe_dump(asked).encode())
    assert _is_told_well(found), found


@_FUZZ
@given(st.data())
def test_any_value_within_a_shipped_mapping(data: st.DataObject) -> None:
    """However deep in it."""
    name = data.draw(st.sampled_from(shipped_mappings()))
    whole = yaml.safe_load((_MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8"))
    part = whole
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(part[key], (dict, list)) and part[key] and data.draw(st.booleans()):
            part = part[key]
            continue
        part[key] = data.draw(values)
        break
    found = _loaded(yaml.safe_dump(whole).encode())
    assert _is_told_well(found), found


def _read(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        said = ""
        try:
            read_event_log(path, mapping(largest_unreadable_share=1))
        except EventLogError as error:
            said = str(error)
    assert not said or name in said, said


@_FUZZ
@given(
    st.sampled_from(["log.csv", "log.xes", "log.xes.gz", "log.parquet"]), st.binary(max_size=200)
)
def test_any_bytes_as_a_log(name: str, content: bytes) -> None:
    """Of any kind."""
    _read(name, content)
    if name.endswith(".gz"):
        _read(name, gzip.compress(content))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return a small good log of each kind, by name."""
    folder = tmp_path_factory.mktemp("logs")
    events = [
        {"concept:name": "come", "time": "2026-01-01T09:00:00Z"},
        {"concept:name": "solve", "time": "2026-01-01T10:00:00Z"},
    ]
    return {
        "log.csv": _CSV,
        **{
            name: write_xes(folder / name, {"1": events}).read_bytes()
            for name in ("log.xes", "log.xes.gz")
        },
    }


@_FUZZ
@given(
    st.sampled_from(["log.csv", "log.xes", "log.xes.gz"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    st.floats(0, 1),
)
def test_a_log_damaged_anywhere(
    logs: dict[str, bytes], name: str, changes: list[tuple[float, int]], kept: float
) -> None:
    """Bytes changed, the end cut off."""
    content = bytearray(logs[name])
    for place, byte in changes:
        content[int(place * len(content))] = byte
    _read(name, bytes(content[: round(kept * len(content))]))
