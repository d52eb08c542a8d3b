"""Forms of algorithms, opened from elsewhere than the toolbox."""

from __future__ import annotations


def open_form(algorithm_id: str) -> None:
    """Open the form of an algorithm, as the toolbox does; it returns when the form is closed."""
    import processing

    processing.execAlgorithmDialog(algorithm_id)
