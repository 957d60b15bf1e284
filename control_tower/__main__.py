"""The control-tower command's way in, light enough that Ctrl-C finds it ready."""

import os
import sys
from typing import Never

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the command; an interrupt before it has begun is no traceback either."""
    try:
        from control_tower.cli import main as command  # noqa: PLC0415 - takes a while to import

        command()
    except KeyboardInterrupt:
        sys.stderr.write("control-tower: interrupted; nothing was changed\n")
        _leave()
    except SystemExit as ending:
        if ending.code == _INTERRUPTED:
            _leave()
        raise


def _leave() -> Never:
    # Where an interrupt struck code that was made as text, as dataclasses are, Python remembers it,
    # and would end a module that leaves in the ordinary way by the signal, not by its code.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
