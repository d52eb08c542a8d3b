"""``hsi doctor``: the check of the engine with an answer in any case, also if something fails."""

from __future__ import annotations

from ..operations.check_engine.examination import examine
from ..reporting import SilentReporter
from .replies import Answer


def examination() -> Answer:
    """Everything that is known of the installation; the exit code reports whether all of it works."""
    found = examine(SilentReporter())
    return Answer(document=found.to_json(), text=found.to_text(), code=0 if found.healthy else 1)
