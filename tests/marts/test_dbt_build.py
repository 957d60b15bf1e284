"""An interrupt ends a build, whatever dbt makes of it."""

from pathlib import Path
from typing import cast

import pytest
from dagster import DagsterExecutionInterruptedError
from dbt.cli.main import dbtRunner, dbtRunnerResult

from control_tower.marts import dbt_build
from control_tower.marts.dbt_build import build


class Interrupted:
    """Stands in for dbt, which hands an interrupt back as what it ended with."""

    def __init__(self, interrupt: BaseException) -> None:
        self._interrupt = interrupt

    def invoke(self, _arguments: list[str]) -> dbtRunnerResult:
        """End with the interrupt; it is not raised."""
        return dbtRunnerResult(success=False, exception=self._interrupt)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, DagsterExecutionInterruptedError])
def test_an_interrupt_is_no_build_without_results(
    kind: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither Ctrl-C nor SIGTERM has words of its own, which would pass for no error."""
    stand_in = cast(dbtRunner, Interrupted(kind()))
    monkeypatch.setattr(dbt_build, "dbtRunner", lambda *_arguments, **_options: stand_in)
    with pytest.raises(kind):
        build(tmp_path, tmp_path / "target")
