"""The control-tower command's way in, light enough that Ctrl-C finds it ready."""

import json
import os
import sys
import time
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
        _leave()
    except SystemExit as ending:
        if ending.code == _INTERRUPTED:
            _leave()
        raise


def _sentence() -> str:
    # The settings may be what was being imported; of them only the environment is known.
    says = "interrupted; nothing was changed"
    if os.environ.get("CONTROL_TOWER_LOG_FORMAT") != "json":
        return f"control-tower: {says}"
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = {"message": says, "event": "interrupted", "level": "error", "timestamp": moment}
    return json.dumps(line)


def _leave() -> Never:
    # Where an interrupt struck code that was made as text, as dataclasses are, Python remembers it,
    # and would end a module that leaves in the ordinary way by the signal, not by its code.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
