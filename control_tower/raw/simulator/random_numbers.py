"""Random numbers by name: each is a function of what it is for, not of how many came before.

So a ticket's fate does not change when another ticket is added, and a longer history repeats the
shorter one. Numbers are mixed as in SplitMix64 (Steele, Lea and Flood, "Fast Splittable
Pseudorandom Number Generators", OOPSLA 2014).
"""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

__all__ = ["compiled", "log_normal", "normal", "uniform"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _can_cache() -> bool:
    """Return whether compiled code can be kept beside this file or in the user's cache."""
    return os.access(Path(__file__).parent, os.W_OK) or os.access(Path.home(), os.W_OK)


def compiled(function: _Function) -> _Function:
    """Compile a function to machine code at its first call, and keep the code for next time."""
    return cast("_Function", numba.njit(cache=_can_cache())(function))


@compiled
def uniform(seed: int, purpose: int, subject: int, turn: int) -> float:
    """Return a number between 0 and 1, both excluded, that belongs to these four."""
    z = (
        np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
        + np.uint64(purpose) * np.uint64(0xD1B54A32D192ED03)
        + np.uint64(subject) * np.uint64(0x8CB92BA72F3D8DD7)
        + np.uint64(turn) * np.uint64(0xDB4F0B9175AE2165)
    )
    for _ in range(2):
        z += np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (float(z >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@compiled
def normal(seed: int, purpose: int, subject: int, turn: int) -> float:
    """Return a standard normal number that belongs to these four (Box and Muller, 1958)."""
    radius = math.sqrt(-2.0 * math.log(uniform(seed, purpose, subject, turn)))
    return radius * math.cos(2.0 * math.pi * uniform(seed, purpose + 500, subject, turn))


@compiled
def log_normal(
    mean: float, variation: float, seed: int, purpose: int, subject: int, turn: int
) -> float:
    """Return a log-normal number with this mean and coefficient of variation."""
    spread = math.log(1.0 + variation * variation)
    drawn = normal(seed, purpose, subject, turn)
    return mean * math.exp(math.sqrt(spread) * drawn - spread / 2.0)
