"""Matrix products of NumPy in the thread that asks for them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def single_threaded_products() -> AbstractContextManager[Any]:
    """While it is entered, the matrix products of NumPy run in one thread each.

    The threads of OpenBLAS spin while they wait for one another. Next to a thread that reads, a network or a second job
    they hold the cores these need, and the products themselves take many times as long. If NumPy uses a library that
    cannot be told, nothing changes.
    """
    limited: AbstractContextManager[Any] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
