"""One set of colours and sizes for components, figures and tables, light and dark."""

from collections.abc import Mapping
from typing import Any, Final

__all__ = [
    "BAD",
    "FONT",
    "GOOD",
    "GREY",
    "HUE",
    "MANTINE",
    "NOTICE",
    "SERIES",
    "TEMPLATES",
    "TOKENS",
    "token_css",
]

FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans', sans-serif"
)

SERIES: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1")
"""Colours of series in their order, told apart by colour-blind eyes (Okabe and Ito, 2008)."""

HUE: Final = SERIES[0]
BAD: Final = SERIES[1]
GOOD: Final = SERIES[2]
NOTICE: Final = SERIES[4]
GREY: Final = "#868e96"

TOKENS: Final[Mapping[str, Mapping[str, str]]] = {
    "light": {
        "page": "#f6f7f9",
        "surface": "#ffffff",
        "text": "#1a1b1e",
        "dimmed": "#565d66",
        "line": "#dee2e6",
        "grid": "#e9ecef",
        "accent": "#00588a",
        "good": "#00684c",
        "bad": "#a64300",
    },
    "dark": {
        "page": "#141517",
        "surface": "#1f2023",
        "text": "#e9ecef",
        "dimmed": "#adb5bd",
        "line": "#373a40",
        "grid": "#2c2e33",
        "accent": "#74c0fc",
        "good": "#5fd3ae",
        "bad": "#ff9f5a",
    },
}
"""Colours by scheme; `good` and `bad` are for text, always beside a word or a sign."""


def _template(tokens: Mapping[str, str]) -> dict[str, Any]:
    axis = {
        "gridcolor": tokens["grid"],
        "linecolor": tokens["line"],
        "zerolinecolor": tokens["line"],
        "automargin": True,
        "title": {"font": {"size": 12, "color": tokens["dimmed"]}},
        "tickfont": {"size": 12, "color": tokens["dimmed"]},
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": 13, "color": tokens["text"]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(SERIES),
            "margin": {"l": 48, "r": 16, "t": 12, "b": 40},
            "xaxis": axis,
            "yaxis": axis,
            "legend": {
                "orientation": "h",
                # Hung from the top: where it is put on the plot, Plotly takes it for as high as it
                # would be at another width, and it lies on a narrow chart.
                "yref": "container",
                "y": 1,
                "yanchor": "top",
                "x": 0,
                "font": {"size": 12},
            },
            "hoverlabel": {
                "bgcolor": tokens["surface"],
                "bordercolor": tokens["line"],
                "font": {"family": FONT, "color": tokens["text"]},
            },
            "annotationdefaults": {"font": {"color": tokens["text"], "size": 12}},
            "colorscale": {
                "sequential": [[0.0, tokens["surface"]], [1.0, HUE]],
            },
        }
    }


TEMPLATES: Final[Mapping[str, Mapping[str, Any]]] = {
    scheme: _template(tokens) for scheme, tokens in TOKENS.items()
}
"""Plotly's templates by scheme; figures are sent without one and get theirs in the browser."""

MANTINE: Final[Mapping[str, Any]] = {
    "fontFamily": FONT,
    "primaryColor": "tower",
    "primaryShade": {"light": 8, "dark": 4},
    "colors": {
        "tower": [
            "#e7f3fb",
            "#cfe5f5",
            "#a3cdea",
            "#74b3de",
            "#4d9dd4",
            "#348fce",
            "#1f82c4",
            "#0072b2",
            "#00588a",
            "#00405f",
        ]
    },
    "defaultRadius": "md",
}
"""What Mantine's provider takes as its theme."""


def token_css() -> str:
    """Return the style sheet that gives both schemes' colours their names, `--tower-<token>`."""
    rules = []
    for scheme, tokens in TOKENS.items():
        names = " ".join(f"--tower-{name}: {color};" for name, color in tokens.items())
        rules.append(f'[data-mantine-color-scheme="{scheme}"] {{ {names} }}')
        # Before the page knows its scheme, the system's holds.
        rules.append(
            f"@media (prefers-color-scheme: {scheme}) {{ "
            f":root:not([data-mantine-color-scheme]) {{ {names} }} }}"
        )
    return "\n".join(rules) + "\n"
