"""The documented path: read from a file, or found in the log."""

from pathlib import Path

import pytest

from control_tower.process_mining.alignment import LONGEST_REFERENCE
from control_tower.process_mining.paths import paths_of
from control_tower.process_mining.reference_path import (
    HAPPY_PATH,
    ReferencePath,
    ReferencePathError,
    chosen_path,
    load_reference_path,
)
from tests.process_mining.desks import path_log


def test_a_list_is_a_path(tmp_path: Path) -> None:
    """A file with nothing but activities is enough."""
    file = tmp_path / "path.yaml"
    file.write_text("- Open\n- Resolve ticket\n", encoding="utf-8")
    assert load_reference_path(file).steps == ("Open", "Resolve ticket")


def test_all_keys(tmp_path: Path) -> None:
    """The path's name and the activities with names of their own can be given."""
    file = tmp_path / "path.yaml"
    file.write_text(
        "name: help desk\nsteps: [Open, Answer, Done]\n"
        "first_reply: Answer\nescalation: Up\nreopening: Back\n",
        encoding="utf-8",
    )
    assert load_reference_path(file) == ReferencePath(
        name="help desk",
        steps=("Open", "Answer", "Done"),
        first_reply="Answer",
        escalation="Up",
        reopening="Back",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file: input should be"),
        ("steps: []", "steps: tuple should have at least 1 item"),
        ("steps: [a, '']", r"steps\.1: string should have at least 1 character"),
        ("steps: [a, 3]", r"steps\.1: input should be a valid string"),
        (f"steps: {['a'] * (LONGEST_REFERENCE + 1)}", f"at most {LONGEST_REFERENCE} items"),
        ("steps: [a]\nfist_reply: b", "fist_reply: extra inputs are not permitted"),
        ("steps: [a", "line 1 is not YAML"),
    ],
)
def test_mistakes_are_named_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """File, place, mistake and remedy."""
    file = tmp_path / "path.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ReferencePathError, match=sentence) as caught:
        load_reference_path(file)
    assert str(file) in str(caught.value)
    assert "write 'steps:'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(ReferencePathError, match=r"nowhere\.yaml cannot be read: No such file"):
        load_reference_path(tmp_path / "nowhere.yaml")


def test_a_log_that_knows_the_path_is_held_against_it() -> None:
    """One activity of it is enough."""
    log = path_log(["a", "solved"], ["a", "b"], ["a", "b"])
    found = chosen_path(log, paths_of(log), HAPPY_PATH)
    assert found is not None
    assert (found.reference, found.is_from_log) == (HAPPY_PATH, False)


def test_else_the_commonest_path_of_finished_tickets_is_it() -> None:
    """What is under way, or too long to be aligned, is no example."""
    long = ["x"] * (LONGEST_REFERENCE + 1)
    log = path_log(["a", "b"], ["a", "b"], long, long, long, ["a"])
    found = chosen_path(log, paths_of(log), HAPPY_PATH)
    assert found is not None
    assert (found.reference.steps, found.is_from_log) == (("a", "b"), True)
    assert found.described == "commonest path of finished tickets: a → b"


def test_without_finished_tickets_there_is_none() -> None:
    """A log of open tickets shows no way to the end."""
    log = path_log(["a", "b"], status="open")
    assert chosen_path(log, paths_of(log), HAPPY_PATH) is None
    empty = path_log()
    assert chosen_path(empty, paths_of(empty), HAPPY_PATH) is None
