"""The project is read once for every state of its files, whoever asks and wherever data lies."""

import json
import os
from pathlib import Path

import pytest

from control_tower.marts import parsed_project as module
from control_tower.marts.dbt_build import DbtProjectError
from control_tower.marts.parsed_project import parsed_project
from control_tower.marts.project import dbt_project, parsed


class Reader:
    """Stands in for dbt: counts how often it reads, and writes what it was told of the data."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, project_dir: Path, target_path: Path) -> None:
        """Write the two files dbt writes."""
        assert (project_dir / "dbt_project.yml").exists()
        self.times += 1
        target_path.mkdir(parents=True)
        said = {"nodes": {}, "raw": f"{os.environ['CONTROL_TOWER_DATA_DIR']}/raw"}
        (target_path / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
        (target_path / "partial_parse.msgpack").write_bytes(b"read")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Stand in for dbt."""
    stand_in = Reader()
    monkeypatch.setattr(module, "parse", stand_in)
    return stand_in


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project of one model."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: one\n", encoding="utf-8")
    (folder / "models" / "one.sql").write_text("select 1 as one\n", encoding="utf-8")
    return folder


def test_it_is_read_once_for_all_data_directories(project: Path, reader: Reader) -> None:
    first = parsed_project(project, project / "a").manifest_text(Path("/desk/a"))
    second = parsed_project(project, project / "b").manifest_text(Path('/desk/"b"'))
    assert reader.times == 1
    assert json.loads(first)["raw"] == "/desk/a/raw"
    assert json.loads(second)["raw"] == '/desk/"b"/raw'
    assert not (project / "a").exists()


@pytest.mark.parametrize("change", ["model", "configuration", "file", "gone"])
def test_it_is_read_anew_when_it_changes(project: Path, reader: Reader, change: str) -> None:
    before = parsed_project(project, project / "a").folder
    model = project / "models" / "one.sql"
    if change == "model":
        stamp = model.stat()
        model.write_text("select 2 as one\n", encoding="utf-8")
        # Some tools keep the times of the files they copy.
        os.utime(model, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    elif change == "configuration":
        (project / "dbt_project.yml").write_text("name: two\n", encoding="utf-8")
    elif change == "file":
        (project / "models" / "two.sql").write_text("select 1 as one\n", encoding="utf-8")
    else:
        model.unlink()
    assert parsed_project(project, project / "a").folder != before
    assert reader.times == 2


@pytest.mark.parametrize("damage", ["cut", "missing", "unsealed"])
def test_what_was_damaged_is_read_anew(project: Path, reader: Reader, damage: str) -> None:
    kept = parsed_project(project, project / "a").folder
    if damage == "cut":
        (kept / "partial_parse.msgpack").write_bytes(b"re")
    elif damage == "missing":
        (kept / "manifest.json").unlink()
    else:
        (kept / "checksums.json").write_text("[", encoding="utf-8")
    assert parsed_project(project, project / "a").folder == kept
    assert reader.times == 2
    assert (kept / "partial_parse.msgpack").read_bytes() == b"read"


@pytest.mark.usefixtures("reader")
def test_leavings_of_a_reading_that_was_killed_do_not_matter(project: Path) -> None:
    partial = project / "target" / "parsed" / "partial"
    partial.mkdir(parents=True)
    (partial / "manifest.json").write_text("{", encoding="utf-8")
    assert '"nodes"' in parsed_project(project, project / "a").manifest_text(project)
    assert not partial.exists()


def test_a_project_that_cannot_be_written_is_kept_with_the_data(
    project: Path, reader: Reader
) -> None:
    (project / "target").write_text("no folder", encoding="utf-8")
    spare = project.parent / "data"
    assert parsed_project(project, spare).folder.is_relative_to(spare)
    assert parsed_project(project, spare).folder.is_relative_to(spare)
    assert reader.times == 1


@pytest.mark.usefixtures("reader")
def test_states_of_long_ago_are_let_go(project: Path) -> None:
    for number in range(9):
        (project / "models" / "one.sql").write_text(f"select {number}\n", encoding="utf-8")
        newest = parsed_project(project, project / "a").folder
    left = [path for path in newest.parent.iterdir() if path.is_dir()]
    assert len(left) == 5
    assert newest in left


def test_a_project_dbt_cannot_read_leaves_nothing_to_be_trusted(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(project_dir: Path, target_path: Path) -> None:
        target_path.mkdir(parents=True)
        raise DbtProjectError(f"dbt cannot read {project_dir}")

    monkeypatch.setattr(module, "parse", fail)
    with pytest.raises(DbtProjectError):
        parsed_project(project, project / "a")
    assert os.environ.get("CONTROL_TOWER_DATA_DIR") is None or not os.environ[
        "CONTROL_TOWER_DATA_DIR"
    ].startswith("/where-")
    monkeypatch.setattr(module, "parse", Reader())
    assert '"nodes"' in parsed_project(project, project / "a").manifest_text(project)


def test_the_project_knows_where_each_desk_lies(tmp_path: Path) -> None:
    """Both forms of the manifest name the data directory, and no place that is not there."""
    for name in ("one", "the desk's other"):
        data_dir = tmp_path / name
        text = dbt_project(data_dir).manifest_path.read_text(encoding="utf-8")
        manifest = parsed(data_dir).manifest(data_dir)
        assert str(data_dir) in text
        assert "/where-the-data" not in text
        assert manifest.sources
        for source in manifest.sources.values():
            assert source.config.meta["external_location"].startswith(f"{data_dir}/")
            assert str(data_dir) in str(source.relation_name)
            assert "/where-the-data" not in f"{source.relation_name}{source.source_meta}"
