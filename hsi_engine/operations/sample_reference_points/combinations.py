"""Parameters that do not go together."""

from __future__ import annotations

from ...errors import ParameterError
from .operation import SampleReferencePointsParams


def check_combinations(params: SampleReferencePointsParams) -> None:
    """Make sure that the design can have what else is asked for; ParameterError if not."""
    if params.strata is not None and params.design != "stratified":
        raise ParameterError(
            f"A {params.design} sample has no strata, but a layer of strata was given.",
            code="strata",
            hint="Choose the stratified design, or leave the layer of strata out.",
        )
    if params.minimum_distance is not None and params.design == "systematic":
        raise ParameterError(
            "A systematic sample has its own spacing; it cannot have a minimum distance as well.",
            code="minimum_distance",
            hint="Leave the minimum distance out, or choose another design.",
        )
