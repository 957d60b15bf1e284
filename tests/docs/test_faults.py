"""The table of faults names tests that are there."""

import re

from control_tower.settings import PROJECT_ROOT


def test_every_fault_is_tried_by_a_test() -> None:
    page = (PROJECT_ROOT / "docs" / "explanation" / "faults.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")][1:]
    files = list((PROJECT_ROOT / "tests").rglob("test_*.py"))
    known = {path.stem for path in files}
    for path in files:
        known |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M))
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row[3])}
    assert len(rows) > 20
    assert all("`test_" in row[3] for row in rows)
    assert not named - known
