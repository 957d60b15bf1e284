"""Settings come from the environment, are checked, and mean the same in every folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from control_tower.settings import Settings


def test_a_path_is_meant_from_where_the_command_was_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A relative path does not move when a later process starts elsewhere."""
    monkeypatch.chdir(tmp_path)
    assert Settings(data_dir=Path("here")).data_dir == tmp_path / "here"


@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-01T00:00:00", "2026-03-01T01:00:00+01:00"])
def test_the_clock_is_utc(text: str) -> None:
    """A time without a zone is UTC; one with a zone is converted."""
    settings = Settings(as_of=text)  # type: ignore[arg-type]
    assert settings.as_of == datetime(2026, 3, 1, tzinfo=UTC)


def test_environment_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is a variable of its own; an empty one is as good as none."""
    monkeypatch.setenv("CONTROL_TOWER_TICKETS", "300")
    monkeypatch.setenv("CONTROL_TOWER_SEED", "")
    assert (Settings().tickets, Settings().seed) == (300, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "pigeon"),
        ("tickets", 5),
        ("seed", -1),
        ("as_of", "soon"),
        ("wait_minutes", -1),
        ("memory_limit", "much"),
        ("unexplained_share", 2),
    ],
)
def test_unusable_values_are_refused(name: str, value: object) -> None:
    """The setting at fault is named."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})
    assert caught.value.errors()[0]["loc"] == (name,)


def test_a_part_of_no_country_is_refused() -> None:
    """Holidays of a subdivision are looked up in its country."""
    with pytest.raises(ValidationError, match="set holidays_country too"):
        Settings(holidays_subdivision="BY")
    assert Settings(holidays_country="DE", holidays_subdivision="BY").holidays_country == "DE"
