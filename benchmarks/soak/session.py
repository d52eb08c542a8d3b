"""A session of QGIS that runs the jobs of a soak: started by ``python -m benchmarks.soak`` with QGIS's Python."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsApplication, QgsProcessingUtils

from .measuring import growth_per_step, holdings


def soak(inputs_json: str, jobs: int, warm: int) -> dict[str, Any]:
    """Run ``jobs`` jobs; what was held before, after the first ``warm``, and at the end."""
    from qgis_plugin.provider import HsiProvider

    from .jobs import Inputs, job_mix, open_layers, run_round, settle

    named = json.loads(inputs_json)
    inputs = Inputs(named["scene"], named["polygons"], named["class_map"], Path(named["folder"]))
    provider = HsiProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    layers = open_layers(inputs)
    settle()
    folders = QgsProcessingUtils.tempFolder(), tempfile.gettempdir()
    found = [holdings(*folders)]
    ended: dict[str, int] = {}
    started = time.monotonic()

    def after(number: int, job: Any) -> None:
        found.append(holdings(*folders))
        ended[job.ends] = ended.get(job.ends, 0) + 1
        print(f"{number:3} {job.name:15} {found[-1].to_json()}", file=sys.stderr, flush=True)

    run_round(jobs, inputs, layers, job_mix(inputs, layers), after)
    later = [one.memory_mb for one in found[warm:]]
    return {
        "qgis": Qgis.QGIS_VERSION,
        "jobs": jobs,
        "ended": ended,
        "seconds": round(time.monotonic() - started, 1),
        "before": found[0].to_json(),
        f"after_{warm}": found[warm].to_json(),
        f"after_{jobs}": found[-1].to_json(),
        "memory_growth_kb_per_job": round(1024 * growth_per_step(later), 1),
        "most_memory_mb": max(one.memory_mb for one in found),
    }


def main() -> int:
    """Start QGIS without a display, run the jobs, print the figures."""
    application = QgsApplication([], True)
    application.initQgis()
    sys.path.append(os.path.join(QgsApplication.pkgDataPath(), "python", "plugins"))  # noqa: PTH118 - text for Python
    from processing.core.Processing import Processing

    Processing.initialize()
    print(json.dumps(soak(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))), flush=True)
    os._exit(0)  # QGIS from Python takes its time to end, and may crash at it


if __name__ == "__main__":
    sys.exit(main())
