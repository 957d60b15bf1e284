"""How many examples a property is tried on: a stated number, and many times that in `make soak`."""

import os
from typing import Final

__all__ = ["SOAK_TIMES", "examples"]

SOAK_TIMES: Final = "SOAK_TIMES"
"""Environment variable: by how much the soak multiplies examples."""


def examples(count: int) -> int:
    """Return the number of examples to try: the count itself, or its multiple in the soak."""
    return count * int(os.environ.get(SOAK_TIMES, "1"))
