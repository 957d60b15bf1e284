"""The dashboard under gunicorn: one socket, a few processes, threads in each."""

import atexit
import errno
import gc
import os
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from control_tower.log_lines import json_logger
from control_tower.publishing.link import link_path
from control_tower_dash.serving.ahead import working_ahead
from control_tower_dash.serving.shared_folder import shared_folder
from control_tower_dash.serving.sign_in.basic import read_users
from control_tower_dash.settings import DashboardSettings

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["CannotListenError", "address_of", "serve"]

# Longer than a proxy keeps its connections idle between two questions of an open page.
_KEEP_ALIVE_SECONDS: Final = 30
_ANSWER_SECONDS: Final = 120
_STOP_SECONDS: Final = 10
_REQUEST_LINE_BYTES: Final = 8190

# All pages with what they are made of, and what is imported only once somebody asks.
_SHARED: Final = ("control_tower_dash.pages", "control_tower_dash.shell", "scipy.sparse", "orjson")

_JSON_LOGGING: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "control_tower.log_lines.json_formatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # gunicorn would write its own lines as text, beside these.
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
"""For the master and each worker: every record of Python's logging is one JSON object."""


class CannotListenError(OSError):
    """The address cannot be listened on; the message says what to do."""


def serve(settings: DashboardSettings) -> None:
    """Serve the dashboard until SIGINT or SIGTERM; ends the process with the exit code 0.

    Raises:
        CannotListenError: If the address is taken, is not this machine's or is not allowed.
        UsersError: If sign-in is basic and its users cannot be read.
    """
    if settings.sign_in == "basic":
        read_users(settings)
    listener = _listen(settings.host, settings.port)
    with shared_folder() as folder, working_ahead(settings, folder / "views", listener):
        # The workers count into files, so that each can tell of all of them.
        counts = folder / "metrics"
        counts.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
        _Server(settings, listener, folder / "views").run()


def address_of(settings: DashboardSettings) -> str:
    """Return where a browser on this machine finds the dashboard."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


class _Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no type hints
    """A process that answers, and that leaves at once where nothing is left to finish.

    An exit raised in the middle of imports may be swallowed by the code it strikes; the process
    would go on loading, and be killed with an error once the time to stop is over.
    """

    def handle_quit(self, *_: object) -> None:
        """Leave now: Ctrl-C waits for no answer, and an answer changes nothing that needs care."""
        os._exit(0)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Finish what is being answered, unless no question could come in yet."""
        if not self.booted:
            os._exit(0)
        super().handle_exit(sig, frame)


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no type hints
    def __init__(self, settings: DashboardSettings, listener: socket.socket, views: Path) -> None:
        self._settings = settings
        self._listener = listener
        self._views = views
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn would otherwise take from files and the environment."""
        chosen: dict[str, Any] = {
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": _Worker,
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            # Threads do not survive a fork: each process makes an app and connections of its own.
            "preload_app": False,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "timeout": _ANSWER_SECONDS,
            "graceful_timeout": _STOP_SECONDS,
            # Filters are part of the address, and there may be many.
            "limit_request_line": _REQUEST_LINE_BYTES,
            "forwarded_allow_ips": "",
            "control_socket_disable": True,
            "loglevel": "warning",
            "proc_name": "control-tower app",
            "when_ready": self._make_ready,
        }
        if self._settings.log_format == "json":
            chosen["logconfig_dict"] = _JSON_LOGGING
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        """Return the app, made anew in each process."""
        from control_tower_dash import create_app  # noqa: PLC0415 - seconds, per process

        server: Flask = create_app(self._settings, views=self._views).server
        return server

    def _make_ready(self, _: object) -> None:
        self._tell()
        _load_for_all()

    def _tell(self) -> None:
        is_published = link_path(self._settings.data_dir).exists()
        if self._settings.log_format == "json":
            json_logger(sys.stderr).info(
                "dashboard started",
                address=address_of(self._settings),
                workers=self._settings.workers,
                has_snapshot=is_published,
            )
            return
        says = f"Dashboard at {address_of(self._settings)} (Ctrl+C stops it)"
        if not is_published:
            says += "\nNothing has been published yet; run make pipeline, and open pages will fill"
        sys.stdout.write(f"{says}\n")
        sys.stdout.flush()


def _load_for_all() -> None:
    """Import what every worker needs once, so that they share it instead of having it each.

    Nothing but modules: threads and connections do not survive the fork.
    """
    for name in _SHARED:
        import_module(name)
    # A collection writes into what it looks at, and what is written to is no longer shared.
    gc.collect()
    gc.freeze()
    # What is not given back before the end, DuckDB's binding complains of.
    atexit.register(gc.unfreeze)


def _listen(host: str, port: int) -> socket.socket:
    """Bind before anything else starts, so that a taken port is told of at once."""
    reasons = {
        errno.EADDRINUSE: f"port {port} is in use; stop what uses it or choose another with --port",
        errno.EACCES: f"port {port} needs more rights; choose one above 1023 with --port",
        errno.EADDRNOTAVAIL: f"{host} is not an address of this machine; choose one with --host",
    }
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except socket.gaierror:
        raise CannotListenError(reasons[errno.EADDRNOTAVAIL]) from None
    except OSError as error:
        says = reasons.get(error.errno or 0, f"{host}:{port} cannot be listened on ({error})")
        raise CannotListenError(says) from None
    return listener
