"""Which algorithms the toolbox lists, in the order in which most people will meet them."""

from __future__ import annotations

from qgis.core import QgsProcessingAlgorithm

from ..engine.operations import load_operations
from .accuracy.band_importance import BandImportanceAlgorithm
from .accuracy.compare_models import CompareModelsAlgorithm
from .accuracy.explain_pixel import ExplainPixelAlgorithm
from .accuracy.sample_reference_points import SampleReferencePointsAlgorithm
from .accuracy.suggest_labels import SuggestLabelsAlgorithm
from .archives.classify_scenes import ClassifyScenesAlgorithm
from .assess_map import AssessMapAlgorithm
from .check_labels import CheckLabelsAlgorithm
from .classify_scene import ClassifySceneAlgorithm
from .clean_map import CleanMapAlgorithm
from .colour_scene import ColourSceneAlgorithm
from .denoise_scene import DenoiseSceneAlgorithm
from .engine_tools.engine_report import EngineReportAlgorithm
from .engine_tools.set_up_engine import SetUpEngineAlgorithm
from .exchange.export_map import ExportMapAlgorithm
from .exchange.import_product import ImportProductAlgorithm
from .fit_pca import FitPcaAlgorithm
from .kinds.any_operation import AnyOperationAlgorithm
from .kinds.engine_algorithm import EngineAlgorithm
from .models.export_model import ExportModelAlgorithm
from .models.model_information import ModelInformationAlgorithm
from .preview_map import PreviewMapAlgorithm
from .scene_information import SceneInformationAlgorithm
from .train_and_classify import TrainAndClassifyAlgorithm
from .train_classifier import TrainClassifierAlgorithm

_OF_OPERATIONS: tuple[type[EngineAlgorithm], ...] = (
    CheckLabelsAlgorithm,
    PreviewMapAlgorithm,
    TrainAndClassifyAlgorithm,
    TrainClassifierAlgorithm,
    ClassifySceneAlgorithm,
    ClassifyScenesAlgorithm,
    SuggestLabelsAlgorithm,
    ExplainPixelAlgorithm,
    BandImportanceAlgorithm,
    CompareModelsAlgorithm,
    ModelInformationAlgorithm,
    ExportModelAlgorithm,
    SampleReferencePointsAlgorithm,
    AssessMapAlgorithm,
    CleanMapAlgorithm,
    ExportMapAlgorithm,
    ImportProductAlgorithm,
    DenoiseSceneAlgorithm,
    FitPcaAlgorithm,
    SceneInformationAlgorithm,
    ColourSceneAlgorithm,
)
_OF_THE_ENGINE = (SetUpEngineAlgorithm, EngineReportAlgorithm)


def algorithms() -> list[QgsProcessingAlgorithm]:
    """A new instance of each algorithm; the provider takes ownership of them.

    An operation of the engine that has no algorithm here gets a plain one.
    """
    with_own = {algorithm.OPERATION for algorithm in _OF_OPERATIONS}
    others = [o for o in load_operations().values() if o.in_toolbox and o.name not in with_own]
    return [
        *(algorithm() for algorithm in _OF_OPERATIONS),
        *map(AnyOperationAlgorithm, others),
        *(algorithm() for algorithm in _OF_THE_ENGINE),
    ]
