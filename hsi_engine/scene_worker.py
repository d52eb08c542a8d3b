"""One process of a run over many scenes: ``python -m hsi_engine.scene_worker``, started by
:mod:`.operations.classify_scenes.running.scene_process`.

The first message names the model; each further one is a scene to be mapped. The answers are: ready, and a row of the manifest
for each scene.
"""

from __future__ import annotations

import sys
from dataclasses import asdict


def main() -> int:
    """Map the scenes that come on stdin; the end of input ends the process."""
    from .entrypoints.child import Child

    child = Child()
    setup = child.receive()
    from .bundle.model_file import read_bundle
    from .operations.classify_scenes.running.one_scene import map_one
    from .operations.classify_scenes.tasks import Task
    from .reporting import SilentReporter

    model = read_bundle(setup["model"])
    child.send("ready", prefix=child.files.prefix)
    with child.files.in_use():
        while True:
            asked = child.receive()
            row = map_one(Task.from_json(asked["task"]), model, SilentReporter(), asked["attempt"])
            child.send("row", row=asdict(row))


if __name__ == "__main__":
    sys.exit(main())
