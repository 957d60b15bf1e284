"""A figure's last weeks as a line the size of a word."""

from collections.abc import Sequence
from html import escape

__all__ = ["sparkline"]

_WIDTH, _HEIGHT, _MARGIN = 104, 26, 3


def sparkline(values: Sequence[float | None], label: str) -> str:
    """Return an inline SVG of weekly values, the last one marked; empty with under two of them.

    Args:
        values: Oldest first; None leaves a gap.
        label: What a screen reader says of it.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    lowest, highest = min(known), max(known)
    spread = highest - lowest or 1.0
    step = (_WIDTH - 2 * _MARGIN) / (len(values) - 1)

    def place(index: int, value: float) -> tuple[float, float]:
        share = (value - lowest) / spread if highest > lowest else 0.5
        return _MARGIN + index * step, _HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN)

    pieces: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(place(index, value))
    lines = "".join(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in piece)}"/>'
        for piece in pieces
        if len(piece) > 1
    )
    last = next(
        (index, value) for index, value in reversed(list(enumerate(values))) if value is not None
    )
    x, y = place(*last)
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'{lines}<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4"/></svg>'
    )
