"""What the assets share: the settings and the lock that lets one run at a time work."""

from collections.abc import Iterator

from dagster import InitResourceContext, resource

from control_tower.run_lock import run_lock
from control_tower.settings import Settings

__all__ = ["run_lock_resource"]


@resource(required_resource_keys={"settings"}, description="Lets one run at a time work")
def run_lock_resource(context: InitResourceContext) -> Iterator[None]:
    """Hold the data directory's lock for as long as the run's process needs it."""
    settings: Settings = context.resources.settings
    assert context.log is not None  # noqa: S101
    with run_lock(
        settings.data_dir,
        run_id=(context.run.run_id if context.run else "outside a run")[:8],
        wait_minutes=settings.wait_minutes,
        tell=context.log.warning,
    ):
        yield
