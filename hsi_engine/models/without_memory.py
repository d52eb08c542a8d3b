"""Networks without memory for their weights, for a look at the names and shapes of their tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_DRAWS = frozenset({Tensor.normal_, Tensor.uniform_})


class _NothingDrawn(TorchFunctionMode):
    """Random initial values are left out."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return args[0] if func in _DRAWS else func(*args, **(kwargs or {}))


@contextmanager
def without_memory() -> Iterator[None]:
    """Networks that are built inside have tensors with shapes and dtypes, and no values.

    Random values would be drawn by torch's compiler there, whose import takes longer than reading a model does.
    """
    with torch.device("meta"), _NothingDrawn():
        yield
