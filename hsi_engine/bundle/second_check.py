"""Whether a scene comes with the second raster that a model needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import MismatchError
from ..phrases import counted

if TYPE_CHECKING:
    from ..io.scenes.scene import Scene


def check_second(needed: int, scene: Scene, *, works_alone: bool) -> None:
    """Make sure that a scene has a second raster if, and only if, a model needs one, with as many bands.

    Parameters
    ----------
    needed : bands of the second raster of the training; 0 if it had none.
    works_alone : whether the model can also map from one source.

    Raises
    ------
    MismatchError : it does not.
    """
    found = scene.second_bands
    if needed == found:
        return
    place = f"Scene '{scene.path}' does not fit the model: "
    if not needed:
        raise MismatchError(
            f"{place}it comes with a second raster, and the model was trained without one.",
            code="second_unknown",
            hint="Leave the second raster out, or train a model with it (model two_sources).",
        )
    if not found:
        raise MismatchError(
            f"{place}it was trained with a second raster of {counted(needed, 'band')}, and none is given.",
            code="second_missing",
            hint="Name the second raster with 'second'."
            + ("" if works_alone else " To map from the scene alone, train with 'modality_dropout', such as 0.3."),
        )
    second = scene.second
    name = "" if second is None else f" '{second.raster.path}'"
    raise MismatchError(
        f"{place}its second raster{name} has {counted(found, 'band')} that can be used; that of the training had {needed}.",
        code="second_bands",
        hint="Use a second raster with the same bands in the same order.",
    )
