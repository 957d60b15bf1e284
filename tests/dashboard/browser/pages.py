"""The pages tests look at."""

from typing import Final

__all__ = ["PATHS"]

PATHS: Final = (
    "/",
    "/queues",
    "/bottlenecks",
    "/capacity",
    "/quality",
    "/recommendations",
    "/tickets",
    "/data",
)
