"""Where a model may be trusted, made ready for a map: what products need of its area of applicability and its scores."""

from __future__ import annotations

from collections.abc import Collection

from ....bundle.model_bundle import ModelBundle
from ....errors import ParameterError
from ....evaluation.trust.conformal import smallest_calibration
from ....evaluation.trust.of_pixels import ReadyTrust
from ....phrases import counted
from ....report.wording import percent
from ..operation import ClassifySceneParams
from ..product import MapProduct

# A set size is a byte, and 255 means no data.
_MOST_CLASSES = 254


def ready_trust(
    params: ClassifySceneParams, bundle: ModelBundle, products: Collection[MapProduct], kept: slice | None
) -> ReadyTrust:
    """What these products need; ``kept`` are the channels of the branch that :func:`branch_to_keep` named.

    Raises
    ------
    ParameterError : a product needs what the model does not keep, or more calibration pixels than it has.
    """
    check_trust(params, bundle, products)
    needs = {product.needs for product in products}
    known, scores = bundle.trust.known, bundle.trust.calibrated
    return ReadyTrust(
        area=known.area if known is not None and "applicability" in needs else None,
        channels=kept,
        thresholds=scores.scores.thresholds(params.set_method, params.coverage)
        if scores is not None and "sets" in needs
        else None,
        method=params.set_method,
    )


def branch_to_keep(bundle: ModelBundle, products: Collection[MapProduct]) -> int | None:
    """The branch of the preprocessing whose channels the products need as they are."""
    known = bundle.trust.known
    return known.branch if known is not None and any(p.needs == "applicability" for p in products) else None


def check_trust(params: ClassifySceneParams, bundle: ModelBundle, products: Collection[MapProduct]) -> None:
    """See that the model keeps what the products need; errors as :func:`ready_trust`."""
    for product in products:
        if product.needs == "applicability" and bundle.trust.known is None:
            raise ParameterError(
                f"Parameter '{product.parameter}' ({product.title}): {params.model.name} has no applicability data:"
                " the training pixels, which spectra are compared with.",
                code="no_applicability",
                hint="It was trained by an earlier version or in a single place, or its second raster is mapped alone: train it"
                f" again with this version, map from the scene, or leave out '{product.parameter}'.",
            )
        if product.needs == "sets":
            _check_sets(params, bundle, product)


def _check_sets(params: ClassifySceneParams, bundle: ModelBundle, product: MapProduct) -> None:
    where, calibrated = f"Parameter '{product.parameter}' ({product.title})", bundle.trust.calibrated
    if calibrated is None:
        raise ParameterError(
            f"{where}: {params.model.name} has no calibration scores, which prediction sets are made with.",
            code="no_calibration",
            hint="It was trained without a check of its accuracy or by an earlier version, or one of its two sources is mapped"
            f" alone: train it again with a check, map from both sources, or leave out '{product.parameter}'.",
        )
    if len(bundle.legend) > _MOST_CLASSES:
        raise ParameterError(
            f"{where}: the model has {len(bundle.legend)} classes; set sizes up to {_MOST_CLASSES} can be written.",
            code="too_many_classes",
            hint=f"Leave out '{product.parameter}'.",
        )
    if bundle.smoothing is not None and not params.smooth:
        raise ParameterError(
            f"{where}: the prediction sets of {params.model.name} are calibrated on smoothed probabilities, and smoothing is"
            " switched off.",
            code="sets_not_smoothed",
            hint="Leave smoothing on, or train a model without it.",
        )
    needed, held = smallest_calibration(params.coverage), len(calibrated.scores)
    if held < needed:
        raise ParameterError(
            f"Parameter 'coverage' (Coverage): sets that hold the right class in {percent(params.coverage)} of the cases need"
            f" {counted(needed, 'tested pixel')} or more to be calibrated; {params.model.name} has {held}.",
            code="coverage",
            hint=f"Ask for at most {held / (held + 1):.4g}, or label more places and train again.",
        )
