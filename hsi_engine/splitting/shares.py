"""Bounds of the parameters that all drawn splits have in common."""

from __future__ import annotations

from ..errors import ParameterError


def check_shares(train_share: float, validation_share: float, seed: int) -> None:
    """Raise :class:`ParameterError` unless shares leave something for the test and the seed is not negative."""
    if not 0 < train_share < 1:
        raise ParameterError(
            f"The training share must lie between 0 and 1; found {train_share:g}.",
            code="train_share",
            hint="0.1 trains on a tenth of the labelled pixels.",
        )
    if not 0 <= validation_share < 1 - train_share:
        raise ParameterError(
            f"The validation share must be at least 0 and leave some of the {1 - train_share:g} not used for training "
            f"to the test; found {validation_share:g}.",
            code="validation_share",
            hint="Lower the training or the validation share.",
        )
    if seed < 0:
        raise ParameterError(f"The seed must be 0 or more; found {seed}.", code="seed", hint="For example 0.")
