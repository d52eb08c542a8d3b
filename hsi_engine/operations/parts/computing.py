"""What operations that compute with networks ask about the machine."""

from __future__ import annotations

from typing import Any

from ..definition.base import parameter


def device_parameter() -> Any:
    """The field ``device: str`` of an operation."""
    return parameter(
        "auto", title="Device", description="auto, cpu, cuda, cuda:0, cuda:1, … or mps.", kind="text", advanced=True
    )


def processes_parameter() -> Any:
    """The field ``processes: int`` of an operation."""
    return parameter(
        1,
        title="Processes",
        description=(
            "Processes that train a network together, one per GPU or all on the CPU. The batch size is that of all; the"
            " result is that of one process up to rounding. Methods are compared by one process."
        ),
        kind="integer",
        ge=1,
        le=64,
        advanced=True,
    )
