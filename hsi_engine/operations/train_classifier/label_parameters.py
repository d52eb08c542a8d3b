"""How labels are read, for operations that read them as a training does."""

from __future__ import annotations

from copy import copy
from typing import Any

from .options import TrainingOptions


def as_in_training(name: str) -> Any:
    """The parameter of that name with the title, default and bounds that it has in a training."""
    return copy(TrainingOptions.model_fields[name])
