"""The control-tower command's way in, light enough that Ctrl-C finds it ready."""

import atexit
import json
import os
import sys
import time
from contextlib import suppress
from typing import Never

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the command; an interrupt before it has begun is no traceback either."""
    try:
        from control_tower.cli import main as command  # noqa: PLC0415 - takes a while to import

        command()
    except KeyboardInterrupt:
        sys.stderr.write(f"{_sentence()}\n")
        _leave(_INTERRUPTED)
    except SystemExit as ending:
        if ending.code == _INTERRUPTED:
            _leave(_INTERRUPTED)
        if not isinstance(ending.code, int):
            raise
        # After a run, Python takes two seconds to look at all there is and to let go of it, piece
        # by piece; what was asked to be done at the end is done, and the rest goes at once.
        atexit._run_exitfuncs()
        _leave(ending.code)


def _sentence() -> str:
    # The settings may be what was being imported; of them only the environment is known.
    says = "interrupted; nothing was changed"
    if os.environ.get("CONTROL_TOWER_LOG_FORMAT") != "json":
        return f"control-tower: {says}"
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = {"message": says, "event": "interrupted", "level": "error", "timestamp": moment}
    return json.dumps(line)


def _leave(code: int) -> Never:
    # Where an interrupt struck code that was made as text, as dataclasses are, Python remembers it,
    # and would end a module that leaves in the ordinary way by the signal, not by its code.
    for stream in (sys.stdout, sys.stderr):
        # Whoever read it may have gone.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
