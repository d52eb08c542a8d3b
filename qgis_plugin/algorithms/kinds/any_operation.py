"""Algorithm: an operation of the engine without a special one, with the form that its description gives it."""

from __future__ import annotations

from html import escape

from ...engine.operations import OperationDescription
from ...translation import tr
from .engine_algorithm import EngineAlgorithm


class AnyOperationAlgorithm(EngineAlgorithm):
    """All that the engine says of an operation, in the engine's words and order."""

    def __init__(self, operation: OperationDescription) -> None:
        self._operation = operation
        super().__init__()

    @property
    def operation(self) -> OperationDescription:
        """What the engine says of the operation."""
        return self._operation

    def createInstance(self) -> AnyOperationAlgorithm:
        return AnyOperationAlgorithm(self._operation)

    def shortHelpString(self) -> str:
        """What it does, and what comes out."""
        outputs = "".join(
            f"<li><b>{escape(tr(output.title))}</b>: {escape(tr(output.description))}</li>"
            for output in self._operation.outputs
        )
        text = f"<p>{escape(self.shortDescription())}</p>"
        return f"{text}<h3>{tr('What comes out')}</h3><ul>{outputs}</ul>" if outputs else text
