"""The team's file: parts of it may be replaced, and what makes no sense is named."""

from pathlib import Path

import pytest

from control_tower.raw.simulator import ConfigurationError, load_configuration

WRONG = [
    ("time_zone: Mars/Olympus", "time_zone", "IANA"),
    ("holidays: Narnia", "holidays", "country"),
    ("stafing: 3", "stafing", "no such setting"),
    ("work: {pending: 1.5}", "work.pending", "less than or equal to 1"),
    ("work: {pending: often}", "work.pending", "often"),
    ("tickets: {types: {question: 0.5, incident: 0.2}}", "tickets", "add up"),
    ("arrivals: {months: [1, 2]}", "arrivals.months", "12 items"),
    ("opening_hours: {opens: 18, closes: 9}", "opening_hours", "closes is not after opens"),
    ("satisfaction: {expected_hours: {urgent: 4, hgih: 1}}", "satisfaction", "urgent"),
    ("history_epoch: someday", "history_epoch", "someday"),
    ("groups: []", "groups", "at least 1"),
    (
        "policies: [{name: x, ticket_type: riddle, targets: {}, calendar_priorities: []}]",
        "",
        "riddle",
    ),
]


@pytest.mark.parametrize(("text", "key", "says"), WRONG)
def test_a_wrong_value_is_named(tmp_path: Path, text: str, key: str, says: str) -> None:
    """File, key and what is wrong, in one line."""
    path = tmp_path / "team.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert key in sentence
    assert says in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a: [", "not YAML"), (b"- a", "no settings"), (b"\xff\xfe\x00", "cannot be read")],
)
def test_a_file_that_is_no_configuration_is_refused(
    tmp_path: Path, content: bytes, says: str
) -> None:
    """Broken YAML, a list, or bytes that are no text."""
    path = tmp_path / "team.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=says):
        load_configuration(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_configuration(tmp_path / "nothing.yaml")


def test_a_part_replaces_a_part(tmp_path: Path) -> None:
    """What the file leaves out stays; shares are replaced whole."""
    path = tmp_path / "team.yaml"
    path.write_text("work: {pending: 0.5}\ntickets: {channels: {email: 1.0}}\n")
    default = load_configuration(None)
    with pytest.raises(ConfigurationError, match="without_reply"):
        load_configuration(path)
    path.write_text("work: {pending: 0.5}\nholidays: null\n")
    changed = load_configuration(path)
    assert changed.work.pending == 0.5
    assert changed.holidays is None
    assert changed.work.model_copy(update={"pending": default.work.pending}) == default.work
    assert changed.groups == default.groups
