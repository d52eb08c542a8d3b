"""Labels that somebody has given are not overwritten by new suggestions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ...errors import OutputError
from ...io.samples.suggested_points import are_suggestions, labelled_suggestions
from ...phrases import counted
from ..sample_reference_points.kept_labels import check_labels_are_kept


def check_earlier_labels(output: Path) -> None:
    """See that no labelled points, suggested or drawn as a sample, stand where the new ones are to be written.

    Raises
    ------
    OutputError : they do.
    """
    check_labels_are_kept(output)
    if not output.is_file() or not are_suggestions(output):
        return
    try:
        count, labelled = labelled_suggestions(output)
    except sqlite3.Error:
        labelled, what = 1, "suggested points that cannot all be read"
    else:
        what = f"{counted(count, 'suggested point')}, {labelled:,} of them labelled"
    if labelled:
        raise OutputError(
            f"Output {output} holds {what}: new suggestions would delete them.",
            code="labels_lost",
            hint="Choose another name, or delete the file if nobody needs the labels.",
        )
