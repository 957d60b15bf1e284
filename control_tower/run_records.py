"""Dagster's records in SQLite, written over connections that stay open.

Dagster opens and closes a database for each event, twice for an asset's, and forgets every
statement it has compiled. A run of this graph writes some hundreds of events, so that took longer
than building the marts. Files and tables are Dagster's own: `storage: sqlite` reads them too.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

__all__ = ["RunRecords"]

_KEPT_OPEN: Final = 2
"""A run writes to the index of all runs and to its own file; a reader of many keeps no more."""


class RunRecords(DagsterSqliteStorage):
    """What `dagster.yaml` names as its storage: runs, events and schedules below one folder."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        with _nobody_else_creating(base_dir):
            super().__init__(base_dir, inst_data)
        self._event_log_storage = _OpenEventLog(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> Self:
        """Return the storage as configured; Dagster calls this."""
        return cls.from_local(inst_data=inst_data, **config_value)


class _OpenEventLog(SqliteEventLogStorage):
    def __init__(self, base_dir: str) -> None:
        self._open: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        # Dagster's own lock: one thread at a time writes or reads, whichever file it is.
        with self._db_lock:
            if shard not in self._initialized_dbs:
                self._close(shard)
                with _nobody_else_creating(self._base_dir):
                    self._initdb(self._engine(shard))
                self._initialized_dbs.add(shard)
            with self._engine(shard).connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._open:
            while len(self._open) >= _KEPT_OPEN:
                self._close(next(iter(self._open)))
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _let_a_crash_of_the_machine_cost_a_record)
            self._open[shard] = engine
        self._open.move_to_end(shard)
        return self._open[shard]

    def _close(self, shard: str) -> None:
        engine = self._open.pop(shard, None)
        if engine:
            engine.dispose()

    def dispose(self) -> None:
        """Close all files."""
        super().dispose()
        with self._db_lock:
            for shard in list(self._open):
                self._close(shard)


def _nobody_else_creating(folder: str) -> FileLock:
    """Return what lets one process at a time create the databases of a folder.

    Where two do, as a web interface and a daemon that start together, both put down which version
    the tables have, and Dagster reads no database with two.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    return FileLock(Path(folder) / ".creating.lock")


def _let_a_crash_of_the_machine_cost_a_record(connection: Any, _: object) -> None:
    # With a write-ahead log nothing is lost when a process is killed, and nothing is ever torn.
    connection.execute("pragma synchronous = normal")
