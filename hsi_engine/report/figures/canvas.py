"""What all figures share: colours, canvas, encoding."""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FIGURE_DPI = 180
INK = "#22272e"
QUIET = "#6b7280"
SERIES = ("#0072b2", "#d55e00")
_LONGEST_NAME = 26


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, width and height in inches."""
    # Without pyplot: no global state, safe next to a caller's own figures and in threads.
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def png_of(figure: Figure) -> bytes:
    """A figure as PNG, on white."""
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=FIGURE_DPI, facecolor="white", bbox_inches="tight", metadata={"Software": None}
    )
    return buffer.getvalue()


def short_name(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name for a label of a figure."""
    # A dollar sign would start a formula.
    text = name if len(name) <= longest else name[: longest - 1].rstrip() + "…"
    return text.replace("$", r"\$")
