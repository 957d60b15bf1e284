"""The models' own unit tests: rows small enough to check by eye."""

from tests.dbt.conftest import BuiltDesk, failures
from tests.dbt.desk import run_dbt


def test_unit_tests_of_the_models_pass(policies_desk: BuiltDesk) -> None:
    # They read the column types of the models they replace, so these have to be there.
    result = run_dbt(policies_desk.data_dir, "test", "--select", "test_type:unit")

    assert not failures(result)
    assert len(list(result.result)) >= 14  # type: ignore[arg-type]
