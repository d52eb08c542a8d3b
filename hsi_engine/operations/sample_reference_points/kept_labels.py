"""Labels that somebody has given are not overwritten by a new sample."""

from __future__ import annotations

from pathlib import Path

from ...errors import HsiError, OutputError
from ...io.samples.sample_reader import is_reference_sample, read_reference_sample
from ...phrases import counted


def check_labels_are_kept(output: Path | None) -> None:
    """See that no labelled points stand where the new ones are to be written.

    Raises
    ------
    OutputError : they do.
    """
    if output is None or not output.is_file() or not is_reference_sample(output):
        return
    try:
        sample = read_reference_sample(output)
    except HsiError:
        labelled, what = 1, "reference points that cannot all be read"
    else:
        labelled = sum(text is not None for text in sample.reference)
        what = f"{counted(len(sample), 'reference point')}, {labelled:,} of them labelled"
    if labelled:
        raise OutputError(
            f"Output {output} holds {what}: a new sample would delete them.",
            code="labels_lost",
            hint="Choose another name, or delete the file if nobody needs the labels.",
        )
