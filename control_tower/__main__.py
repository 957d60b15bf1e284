"""The control-tower command's way in, light enough that Ctrl-C finds it ready."""

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the command; an interrupt before it has begun is no traceback either."""
    try:
        from control_tower.cli import main as command  # noqa: PLC0415 - takes a while to import

        command()
    except KeyboardInterrupt:
        sys.stderr.write("control-tower: interrupted; nothing was changed\n")
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
