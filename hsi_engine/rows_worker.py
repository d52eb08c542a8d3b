"""One of several processes that map a scene together: ``python -m hsi_engine.rows_worker``, started by
:mod:`.operations.classify_scene.spread.pipeline`.

The first message holds the parameters of the map; each further one names rows to be mapped. The answers are: ready, log, and
for each lot of rows its tiles, or the error that ended it.
"""

from __future__ import annotations

import sys
from typing import Any

from .errors import HsiError
from .reporting import Level, SilentReporter


class _Voice(SilentReporter):
    """Passes warnings on."""

    def __init__(self, child: Any) -> None:
        super().__init__()
        self._child = child

    def log(self, message: str, level: Level = "info") -> None:
        self._child.send("log", message=message, level=level)


def main() -> int:
    """Map the rows that come on stdin; the end of input ends the process."""
    from .entrypoints.child import Child

    child = Child()
    setup = child.receive()
    from .failures import as_hsi_error
    from .operations.classify_scene.operation import ClassifySceneParams
    from .operations.classify_scene.spread.rows import Rows, RowsMapper

    with child.files.in_use():
        try:
            with RowsMapper(ClassifySceneParams.model_validate(setup["params"]), _Voice(child)) as mapper:
                child.send("ready", prefix=child.files.prefix)
                while True:
                    asked = Rows.from_json(child.receive()["rows"])
                    child.send("tiles", number=asked.number, tiles=mapper.map(asked))
        except Exception as error:
            known = error if isinstance(error, HsiError) else as_hsi_error(error)
            child.send("error", error=known.to_dict())
    child.receive()
    return 1


if __name__ == "__main__":
    sys.exit(main())
