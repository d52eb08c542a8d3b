"""Runs inside a QGIS desktop (``qgis --code``): does as a user would, and photographs each step.

Environment: HSI_SCENES, the folder that ``hsi demo`` wrote; HSI_PICTURES, the folder for the pictures; HSI_STORY, what is
done, one of STORIES; all but ``first_map`` and ``labelling`` need an engine, named by HSI_ENGINE_PYTHON.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator

from first_map import first_map
from layers import colours, models
from pixels import explaining, labelling
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from stage import Step, photograph

STORIES = {
    "first_map": first_map,
    "colours": colours,
    "models": models,
    "labelling": labelling,
    "explaining": explaining,
}


class Director:
    """Continues the story whenever a step is over; ends QGIS with it, also if it breaks."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps = steps
        self._is_over: Step = lambda: True
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(200)

    def _look(self) -> None:
        try:
            if self._is_over():
                self._is_over = next(self._steps)
        except StopIteration:
            self._end(0)
        except BaseException:
            traceback.print_exc()
            photograph("qgis_failed")
            self._end(1)

    def _end(self, code: int) -> None:
        QApplication.processEvents()
        # QGIS asks whether to save the project, and there is nobody to answer.
        os._exit(code)


if QgsApplication.processingRegistry().providerById("hsi") is None:
    print("The plugin did not load: there is no provider hsi.", flush=True)
    os._exit(1)
director = Director(STORIES[os.environ.get("HSI_STORY", "first_map")]())
