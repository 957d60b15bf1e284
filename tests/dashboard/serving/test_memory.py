"""Allocators are told to keep little, and the environment has the last word."""

import os
import subprocess
import sys

import pytest

_CODE = (
    "import os\n"
    "from control_tower_dash.serving.memory import keep_little_memory\n"
    "keep_little_memory()\n"
    "import sys\n"
    "assert 'polars' not in sys.modules\n"
    "import polars\n"
    "print(polars.Series([1, 2]).sum(), os.environ['_RJEM_MALLOC_CONF'])\n"
)


@pytest.mark.parametrize("said", [None, "dirty_decay_ms:1000"])
def test_the_environment_has_the_last_word(said: str | None) -> None:
    """It is told before Polars is loaded, which takes it."""
    given = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    outcome = subprocess.run(
        [sys.executable, "-c", _CODE],
        env=given | ({"_RJEM_MALLOC_CONF": said} if said else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    total, conf = outcome.stdout.split()
    assert total == "3"
    # Polars puts its own before; the last one counts.
    assert conf.endswith(said or "muzzy_decay_ms:0")
    assert not outcome.stderr
