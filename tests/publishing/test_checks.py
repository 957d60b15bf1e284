from collections.abc import Callable, Iterator

import pytest
from dagster import (
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetKey,
    AssetSelection,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    asset,
    asset_check,
    define_asset_job,
)

from control_tower.publishing.checks import outcomes_of
from control_tower.publishing.gate import CheckOutcome, Outcome

_CHECK = AssetCheckKey(AssetKey("table"), "holds")


class _Desk:
    """A table and its check; another run may come between its announcement and its work."""

    def __init__(self, instance: DagsterInstance) -> None:
        self.instance = instance
        self.holds, self.severity = True, AssetCheckSeverity.ERROR
        self.meanwhile: Callable[[], object] | None = None

        @asset
        def table() -> None:
            meanwhile, self.meanwhile = self.meanwhile, None
            if meanwhile:
                meanwhile()

        @asset_check(asset=table)
        def holds() -> AssetCheckResult:
            return AssetCheckResult(passed=self.holds, severity=self.severity, description="says")

        selections = {
            "all": AssetSelection.all(),
            "table": AssetSelection.assets(table).without_checks(),
            "checks": AssetSelection.checks(_CHECK),
        }
        self._definitions = Definitions(
            assets=[table],
            asset_checks=[holds],
            jobs=[define_asset_job(name, selection) for name, selection in selections.items()],
        )

    def run(self, job: str = "all") -> ExecuteInProcessResult:
        resolved = self._definitions.resolve_job_def(job)
        return resolved.execute_in_process(instance=self.instance, raise_on_error=False)

    def outcome(self, run_id: str = "") -> Outcome:
        (found,) = outcomes_of(self.instance, [_CHECK], run_id)
        assert found == CheckOutcome(
            "holds of table", found.outcome, "" if found.outcome == "not_run" else "says"
        )
        return found.outcome


@pytest.fixture
def desk() -> Iterator[_Desk]:
    with DagsterInstance.ephemeral() as instance:
        yield _Desk(instance)


def test_check_that_never_ran(desk: _Desk) -> None:
    assert desk.outcome() == "not_run"


@pytest.mark.parametrize(
    ("holds", "severity", "outcome"),
    [
        (True, AssetCheckSeverity.ERROR, "passed"),
        (False, AssetCheckSeverity.WARN, "warned"),
        (False, AssetCheckSeverity.ERROR, "failed"),
    ],
)
def test_what_a_check_found(
    desk: _Desk, holds: bool, severity: AssetCheckSeverity, outcome: Outcome
) -> None:
    desk.holds, desk.severity = holds, severity
    desk.run()
    assert desk.outcome() == outcome


def test_table_built_anew_has_not_been_checked_until_its_check_ran(desk: _Desk) -> None:
    desk.run()
    desk.run("table")
    assert desk.outcome() == "not_run"
    desk.run("checks")
    assert desk.outcome() == "passed"


def test_run_that_began_first_and_worked_last(desk: _Desk) -> None:
    """Its checks are announced before those of the run that came between."""

    def other() -> None:
        desk.holds = False
        desk.run()
        desk.holds = True

    desk.meanwhile = other
    last = desk.run()
    assert desk.outcome(last.run_id) == "passed"
    desk.holds, desk.meanwhile = False, desk.run
    desk.run()
    assert desk.outcome() == "failed"


def test_run_that_only_announced_its_checks_says_nothing_of_the_others(desk: _Desk) -> None:
    desk.run()
    seen: list[Outcome] = []
    desk.meanwhile = lambda: seen.append(desk.outcome("another"))
    desk.run()
    assert seen == ["passed"]


def test_run_that_has_not_made_its_own_checks_does_not_rely_on_others(desk: _Desk) -> None:
    desk.run()
    seen: list[Outcome] = []

    def ask() -> None:
        (record,) = desk.instance.get_run_records(limit=1)
        seen.append(desk.outcome(record.dagster_run.run_id))

    desk.meanwhile = ask
    desk.run()
    assert seen == ["not_run"]
