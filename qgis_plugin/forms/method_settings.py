"""Settings that belong to one method: whoever gives them has to say which method is meant."""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.operations import OperationDescription, ParameterDescription
from ..translation import tr
from .choice_labels import label_of
from .help import label
from .parameters import qgis_name
from .values import FormValues

# Before there was a choice of methods, these were settings of the only one.
_OF_HYBRIDSN = (
    "components",
    "whiten",
    "patch_size",
    "batch_norm",
    "squeeze_excitation",
    "dropout",
    "epochs",
    "batch_size",
    "learning_rate",
    "schedule",
    "weight_decay",
    "label_smoothing",
    "class_weights",
    "augment",
    "patience",
)
_OF_TWO_SOURCES = ("modality_dropout", "common_weight", "invariance_weight")
_OF_ONE_METHOD = (*_OF_HYBRIDSN, *_OF_TWO_SOURCES, "reduction", "fewest_draws", "surround_dropout", "model_options")
_OLD_METHOD = "hybridsn"


def settings_problem(operation: OperationDescription, form: FormValues) -> str | None:
    """A setting of one method although the automatic choice is to compare several."""
    method = _method(operation)
    if method is None or form.plain(method) != method.default or method_of_old_script(operation, form):
        return None
    given = next(_given(operation, form, _OF_ONE_METHOD), None)
    if given is None or form.is_given("INIT_FROM"):  # a model to start from names its method
        return None
    return tr(
        "{}: this setting belongs to a single method. Choose that method under {} instead of {}, or clear the setting."
    ).format(label(given), label(method), label_of(method, method.default))


def method_of_old_script(operation: OperationDescription, form: FormValues) -> tuple[str, str] | None:
    """The method that a script means that names none but gives settings of HybridSN, and why, in a sentence."""
    method = _method(operation)
    if method is None or form.is_given(qgis_name(method.name)):
        return None
    given = next(_given(operation, form, _OF_HYBRIDSN), None)
    if given is None:
        return None
    sentence = tr(
        "{} is not given, but {} is, so {} is trained: it was the only method when such scripts were written. Set "
        "{}={} to keep it, or remove these settings to compare methods."
    ).format(label(method), label(given), label_of(method, _OLD_METHOD), qgis_name(method.name), _OLD_METHOD)
    return _OLD_METHOD, sentence


def _method(operation: OperationDescription) -> ParameterDescription | None:
    """The choice of a method, which only trainings have."""
    return next((p for p in operation.parameters if p.name == "model" and p.kind == "choice"), None)


def _given(operation: OperationDescription, form: FormValues, names: tuple[str, ...]) -> Iterator[ParameterDescription]:
    return (p for p in operation.parameters if p.name in names and form.plain(p) is not None)
