"""The names of the jobs, known where Dagster is not."""

from typing import Final

__all__ = ["ALERTS_JOB", "DAILY_JOB"]

DAILY_JOB: Final = "ops_daily_pipeline"
ALERTS_JOB: Final = "alerts_scan"
