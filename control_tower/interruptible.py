"""Work that can be broken off at any moment with one keystroke."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Thread
from typing import Final

__all__ = ["INTERRUPTED", "run_interruptibly"]

INTERRUPTED: Final = 130
"""Exit code of a command ended by Ctrl-C: 128 and the signal's number."""

_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_TO_TELL = 3
_SHOW_CURSOR = b"\x1b[?25h\r\x1b[K"


def run_interruptibly(
    work: Callable[[], int], *, sentence: Callable[[], str], tell_others: Callable[[], None]
) -> int:
    """Do work in a thread of its own and return what it returns, or leave at Ctrl-C.

    Libraries swallow an interrupt or turn it into errors of their own, and compiled code may not
    survive it, so none reaches the work: this thread only waits, and at Ctrl-C ends the process.
    That is safe since all that is written is put in place whole, and locks go with the process.

    Args:
        work: What to do; its return value is the exit code.
        tell_others: Called at Ctrl-C, for at most three seconds, to put it on record.
        sentence: Called at the very end; what to say on standard error, as it is now.
    """
    terminal = os.dup(2)
    try:
        future = ThreadPoolExecutor(max_workers=1).submit(work)
        # Waiting without end does not wake up for a signal where the work is compiled code.
        while not future.done():
            wait([future], timeout=_SECONDS_BETWEEN_LOOKS)
        return future.result()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        teller = Thread(target=tell_others, daemon=True)
        teller.start()
        teller.join(_SECONDS_TO_TELL)
        # The work goes on printing; said last, the sentence stays the last line.
        cursor = _SHOW_CURSOR if os.isatty(terminal) else b""
        os.write(terminal, cursor + f"{sentence()}\n".encode())
        os._exit(INTERRUPTED)
