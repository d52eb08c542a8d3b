"""Everything a run needs, collected on the main thread so that it can continue without QGIS's objects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsSettings,
    QgsVectorLayer,
)

from ..engine.operations import OperationDescription, ParameterDescription
from ..environment.current import DEVICE_SETTING
from ..forms.help import label
from ..forms.method_settings import method_of_old_script
from ..forms.parameters import qgis_name, raster_name
from ..forms.values import FormValues
from ..layers import (
    GivenFile,
    KeptRasters,
    NoDataOption,
    PlannedFile,
    PlannedLabels,
    plan_raster,
    plan_vector,
)
from ..translation import tr
from .inputs_read import file_line, raster_line
from .labels_read import LabelsRead, class_field_of, classes_of_map, labels_of, more_labels_of, takes_legend
from .places import extent_text, point_text
from .reference_check import training_labels_warning


@dataclass(frozen=True)
class RunPlan:
    """What the engine is to do.

    Parameters
    ----------
    operation, python : what is run, and with which Python.
    scene_name, scene_id : name and id of the layer that is worked on; the results are called after it and lie on it.
    values : parameters of the engine by name, without those of layers and outputs.
    files : layers by the engine's name of the parameter, still to be written if they are not plain files.
    labels : the same for labels, which bring a class field and a legend along.
    warnings : what the user has to know before the run, in sentences.
    doubts : what is said after the run unless the engine, which knows more, warns itself.
    reads : what is read, a line per layer.
    """

    operation: OperationDescription
    python: Path
    scene_name: str = ""
    scene_id: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, PlannedFile] = field(default_factory=dict)
    labels: dict[str, PlannedLabels] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What temporary files are called after: the scene, or else the model that is looked at."""
        return self.scene_name or Path(str(self.values.get("model") or "")).stem

    def materialise(
        self, folder: Path, feedback: QgsProcessingFeedback, kept: KeptRasters | None = None
    ) -> dict[str, Any]:
        """All parameters of the engine but the outputs; what is no file yet is written to ``folder``, or to ``kept``.

        Raises
        ------
        QgsProcessingException : a layer cannot be written, or the user cancelled.
        """
        for line in self.reads:
            feedback.pushInfo(line)
        for warning in self.warnings:
            feedback.pushWarning(warning)
        values = dict(self.values)
        for name, planned in self.files.items():
            file = kept.materialise(planned, folder, feedback) if kept else planned.materialise(folder, feedback)
            values[name] = file.path
        for name, labels in self.labels.items():
            on_disk = labels.materialise(folder, feedback)
            values[name] = on_disk.path
            found = {
                "layer": on_disk.layer,
                class_field_of(self.operation, name): on_disk.class_field,
                "legend": on_disk.legend,
            }
            values.update({key: value for key, value in found.items() if value is not None and self._takes(key)})
        return values

    def _takes(self, name: str) -> bool:
        return any(parameter.name == name for parameter in self.operation.parameters)


def plan_run(operation: OperationDescription, form: FormValues, python: Path) -> RunPlan:
    """Read ``form`` and plan its layers.

    Raises
    ------
    QgsProcessingException : a layer cannot be used; the message explains why.
    """
    main = _main_raster(operation, form)
    plan = RunPlan(operation=operation, python=python)
    if main is not None:
        plan = replace(plan, scene_name=main.name(), scene_id=main.id())
    for_engine = _main_file(operation, form) if main is None else None
    if for_engine is not None:
        plan = replace(plan, scene_name=for_engine.stem)
    # Of a scene that QGIS cannot open, only the engine knows the CRS.
    needs_crs = for_engine is None if main is None else main.crs().isValid() or main.dataProvider().crs().isValid()
    for parameter in operation.parameters:
        name = qgis_name(parameter.name)
        if parameter.widget == "labels":
            if parameter.required or form.is_given(name) or form.is_given(raster_name(parameter.name)):
                _plan_labels(plan, parameter, labels_of(operation, parameter, form, needs_crs))
        elif parameter.kind == "class_map" and takes_legend(operation) and form.is_given(name):
            _plan_labels(plan, parameter, classes_of_map(operation, parameter, form))
        elif parameter.widget == "scene" and (path := form.file_for_engine(name)) is not None:
            plan.files[parameter.name] = GivenFile(path)
            plan.reads.append(file_line(tr(parameter.title), path))
        elif parameter.is_raster_layer and form.is_given(name):
            plan.files[parameter.name] = _plan_raster(parameter, operation, form)
            _tell_raster(plan, tr(parameter.title), form.raster(name))
        elif parameter.kind == "vector" and class_field_of(operation, parameter.name) and form.is_given(name):
            _plan_labels(plan, parameter, more_labels_of(operation, parameter, form, needs_crs, plan.labels))
        elif parameter.widget in ("layer", "mask", "vector") and form.is_given(name):
            plan.files[parameter.name] = _plan_map_layer(parameter, operation, form, needs_crs)
        elif parameter.widget == "extent" and form.is_given(name):
            plan.values[parameter.name] = extent_text(parameter, form, main)
        elif parameter.widget == "point" and form.is_given(name):
            plan.values[parameter.name] = point_text(parameter, form, main)
        elif not parameter.is_output:
            _read_plain(plan, parameter, form)
    _warn_of_training_labels(plan, form)
    old = method_of_old_script(operation, form)
    if old is not None:
        plan.values["model"], warning = old
        plan.warnings.append(warning)
    return plan


def _main_raster(operation: OperationDescription, form: FormValues) -> QgsRasterLayer | None:
    """The first raster of the operation: the scene that is mapped, or the map that is assessed; None if it reads none."""
    first = _main(operation)
    return None if first is None else form.raster(qgis_name(first.name))


def _main_file(operation: OperationDescription, form: FormValues) -> Path | None:
    """The same, if it is a scene that QGIS cannot open."""
    first = _main(operation)
    return form.file_for_engine(qgis_name(first.name)) if first is not None and first.widget == "scene" else None


def _main(operation: OperationDescription) -> ParameterDescription | None:
    return next((parameter for parameter in operation.parameters if parameter.is_raster_layer), None)


def _read_plain(plan: RunPlan, parameter: ParameterDescription, form: FormValues) -> None:
    value = form.plain(parameter)
    if parameter.name == "device" and value == parameter.default:
        value = QgsSettings().value(DEVICE_SETTING, value) or value
    if value is not None:
        plan.values[parameter.name] = value


def _plan_labels(plan: RunPlan, parameter: ParameterDescription, read: LabelsRead) -> None:
    plan.labels[parameter.name] = read.planned
    if read.line is not None:
        plan.reads.append(read.line)


def _warn_of_training_labels(plan: RunPlan, form: FormValues) -> None:
    """If labels are compared with a map, they should not be those that the map was trained with."""
    kinds = {parameter.kind: qgis_name(parameter.name) for parameter in plan.operation.parameters}
    if not {"class_map", "labels"} <= set(kinds):
        return
    names = (kinds["labels"], f"{kinds['labels']}_RASTER")
    reference = next((form.layer(name) for name in names if form.is_given(name)), None)
    warning = training_labels_warning(form.raster(kinds["class_map"]), reference)
    if warning is not None:
        plan.doubts.append(warning)


def _tell_raster(plan: RunPlan, title: str, layer: QgsRasterLayer | None) -> None:
    if layer is not None:
        plan.reads.append(raster_line(title, layer))


def _plan_raster(parameter: ParameterDescription, operation: OperationDescription, form: FormValues) -> PlannedFile:
    """A scene, whose no data value the form may state, or a class map, whose 0 means no class."""
    option = next((p for p in operation.parameters if p.name == "nodata"), None)
    of_scene = option is not None and parameter.name == "scene"
    return plan_raster(
        form.raster(qgis_name(parameter.name)),
        tr(parameter.title),
        zero_is_empty=parameter.kind == "class_map",
        nodata=NoDataOption(label(option), form.plain(option)) if option is not None and of_scene else None,
    )


def _plan_map_layer(
    parameter: ParameterDescription, operation: OperationDescription, form: FormValues, needs_crs: bool
) -> PlannedFile:
    title, name = tr(parameter.title), qgis_name(parameter.name)
    layer = form.layer(name)
    if parameter.widget != "vector" and not isinstance(layer, QgsVectorLayer):
        return plan_raster(layer, title, zero_is_empty=parameter.widget == "mask")
    features = form.features(name)
    fields = [form.plain(part) for part in operation.parameters if part.kind == "field" and part.of == parameter.name]
    given = [name for name in fields if name]
    return plan_vector(features, title, fields=given, needs_crs=needs_crs)
