"""The warehouse against snapshots that come, go and break while they are read."""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from control_tower.publishing.link import link_path, snapshot_path
from control_tower_dash import warehouse as module
from control_tower_dash.warehouse import Limits, NoSnapshotError, QueryError, Snapshot, Warehouse
from tests.dashboard.tiny_desk import generations, publish_generation


def open_files(folder: Path) -> set[str]:
    """Return the names of files below a folder that this process holds open."""
    held = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            path = descriptor.readlink()
        except OSError:
            continue
        if folder in path.parents:
            held.add(path.name.removesuffix(" (deleted)"))
    return held


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    """Without a snapshot the message names the command, and there is no problem beside."""
    warehouse = Warehouse(tmp_path)
    with pytest.raises(NoSnapshotError, match="nothing has been published yet; run make pipeline"):
        warehouse.current()
    assert warehouse.problem() is None


def test_the_newest_snapshot_is_read(tmp_path: Path) -> None:
    """Each publish is seen at once; a reader taken before stays with its own."""
    warehouse = Warehouse(tmp_path)
    publish_generation(tmp_path, 1)
    first = warehouse.current()
    publish_generation(tmp_path, 2)
    assert generations(warehouse.current()) == {2}
    assert generations(first) == {1}
    assert warehouse.at(first.snapshot_id) is first
    assert warehouse.at("unheard-of") is warehouse.current()
    assert warehouse.problem() is None


def test_a_reader_outlives_its_file(tmp_path: Path) -> None:
    """Pruning takes the file's name; who has it open reads on."""
    warehouse = Warehouse(tmp_path)
    path = publish_generation(tmp_path, 1)
    first = warehouse.current()
    for generation in range(2, 7):
        publish_generation(tmp_path, generation)
        assert generations(warehouse.current()) == {generation}
    assert not path.exists()
    assert generations(first) == {1}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed by Linux")
def test_old_snapshots_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than three are open, and one alone once the others were long unused."""
    warehouse = Warehouse(tmp_path)
    for generation in range(1, 9):
        publish_generation(tmp_path, generation)
        warehouse.current()
        gc.collect()
        assert len(open_files(tmp_path)) <= 3
    now = time.monotonic() + 3600
    monkeypatch.setattr(time, "monotonic", lambda: now)
    newest = warehouse.current()
    gc.collect()
    assert open_files(tmp_path) == {f"ops-{newest.snapshot_id}.duckdb"}


def _shorten(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])


def _overwrite(path: Path) -> None:
    path.write_bytes(b"no database at all\n" * 1000)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [_shorten, _overwrite, _empty, Path.unlink])
def test_a_broken_snapshot_leaves_the_last_good_one(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """It is told of, whether the process had the good one open or not; the next one mends it."""
    publish_generation(tmp_path, 1)
    before = Warehouse(tmp_path)
    before.current()
    broken = publish_generation(tmp_path, 2)
    harm(broken)
    for warehouse in (before, Warehouse(tmp_path)):
        for _ in range(3):
            assert generations(warehouse.current()) == {1}
            problem = warehouse.problem()
            assert problem is not None
            assert broken.name in problem
    publish_generation(tmp_path, 3)
    assert generations(before.current()) == {3}
    assert before.problem() is None


def test_a_broken_snapshot_alone_is_an_error(tmp_path: Path) -> None:
    """With nothing to fall back on, the reason and the remedy are said."""
    _overwrite(publish_generation(tmp_path, 1))
    warehouse = Warehouse(tmp_path)
    for _ in range(2):
        with pytest.raises(NoSnapshotError, match=r"cannot be read \(.+\); run make pipeline"):
            warehouse.current()


def test_an_older_versions_snapshot_is_told_of(tmp_path: Path) -> None:
    """A table that is missing names itself; the last snapshot that has all is read."""
    publish_generation(tmp_path, 1)
    publish_generation(tmp_path, 2, without="recommendations.actions")
    warehouse = Warehouse(tmp_path)
    assert generations(warehouse.current()) == {1}
    assert "has no table recommendations.actions" in (warehouse.problem() or "")


def test_an_older_versions_columns_are_told_of(tmp_path: Path) -> None:
    """Without what filters choose by, no page could be shown: the snapshot is not read."""
    publish_generation(tmp_path, 1)
    path = publish_generation(tmp_path, 2)
    with duckdb.connect(path) as connection:
        connection.execute("alter table marts.ticket_outcomes drop column channel")
    warehouse = Warehouse(tmp_path)
    assert generations(warehouse.current()) == {1}
    assert "has no column marts.ticket_outcomes.channel" in (warehouse.problem() or "")


def test_a_snapshot_mended_in_place_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be read is tried again when the file changed, and after a while anyhow."""
    path = publish_generation(tmp_path, 1)
    content = path.read_bytes()
    _empty(path)
    warehouse = Warehouse(tmp_path)
    with pytest.raises(NoSnapshotError):
        warehouse.current()
    path.write_bytes(content)
    assert generations(warehouse.current()) == {1}
    tried = []

    def fail(path: Path, limits: Limits) -> Snapshot:
        tried.append((path, limits))
        raise NoSnapshotError("too many open files")

    other = Warehouse(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "Snapshot", fail)
        for _ in range(5):
            with pytest.raises(NoSnapshotError, match="too many"):
                other.current()
    assert len(tried) == 1
    now = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert generations(other.current()) == {1}


def test_one_removed_between_looking_and_opening_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three newer ones may come in between; the request gets the newest of them."""
    publish_generation(tmp_path, 1)
    warehouse = Warehouse(tmp_path)
    opened = module.Snapshot
    came = iter(range(2, 6))

    def late(path: Path, limits: Limits) -> Snapshot:
        for generation in came:
            publish_generation(tmp_path, generation)
        return opened(path, limits)

    monkeypatch.setattr(module, "Snapshot", late)
    assert generations(warehouse.current()) == {5}


def test_queries_stay_within_the_snapshot(tmp_path: Path) -> None:
    """No file can be read or written by a query, the snapshot least of all."""
    publish_generation(tmp_path, 1)
    reader = Warehouse(tmp_path).current()
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    for statement in (
        f"select * from read_csv('{outside}')",
        f"copy (select 1) to '{tmp_path / 'written.csv'}'",
        "create table marts.sla2 as select 1",
        f"attach '{tmp_path / 'other.duckdb'}'",
    ):
        with pytest.raises(QueryError):
            reader.query(statement)
    assert sorted(path.name for path in (tmp_path / "published").iterdir()) == [
        f"ops-{reader.snapshot_id}.duckdb"
    ]


def test_memory_is_limited(tmp_path: Path) -> None:
    """A query that wants more than it may fails alone; the next one is answered."""
    publish_generation(tmp_path, 1)
    reader = Warehouse(tmp_path, Limits(memory="64MB", threads=1)).current()
    with pytest.raises(QueryError, match=r"(?i)memory"):
        reader.query("select list(range order by hash(range)) from range(20_000_000)")
    assert generations(reader) == {1}


def test_the_link_is_needed(tmp_path: Path) -> None:
    """A snapshot nobody published, without the link that leads to it, is none."""
    path = publish_generation(tmp_path, 1)
    link_path(tmp_path).unlink()
    with pytest.raises(NoSnapshotError, match="nothing has been published"):
        Warehouse(tmp_path).current()
    link_path(tmp_path).symlink_to(path)
    assert generations(Warehouse(tmp_path).current()) == {1}
    assert snapshot_path(tmp_path, Warehouse(tmp_path).current().snapshot_id) == path


def _read_until(
    stop: threading.Event, warehouse: Warehouse, seen: list[set[int]], failures: list[str]
) -> None:
    # Readers that never pause would keep the interpreter from whoever publishes beside them.
    while not stop.wait(0.002):
        try:
            seen.append(generations(warehouse.current()))
        except (NoSnapshotError, QueryError) as error:
            failures.append(str(error))


@pytest.mark.parametrize(
    "publishes", [30, pytest.param(1000, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_no_publish_disturbs_readers(tmp_path: Path, publishes: int) -> None:
    """Threads that share a warehouse read whole snapshots throughout, and never an older one."""
    publish_generation(tmp_path, 0)
    warehouse = Warehouse(tmp_path)
    stop = threading.Event()
    failures: list[str] = []
    seen: list[list[set[int]]] = [[] for _ in range(4)]
    threads = [
        threading.Thread(target=_read_until, args=(stop, warehouse, mine, failures))
        for mine in seen
    ]
    for thread in threads:
        thread.start()
    for generation in range(1, publishes + 1):
        publish_generation(tmp_path, generation)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert not [found for mine in seen for found in mine if len(found) != 1]
    for mine in seen:
        order = [found.pop() for found in mine]
        assert order == sorted(order)
    assert generations(warehouse.current()) == {publishes}
