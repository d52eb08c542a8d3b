"""A feedback that keeps what it was told, for tests to read."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsProcessingFeedback


class RecordingFeedback(QgsProcessingFeedback):
    """Keeps every message, by kind and in ``log`` as they come, and every progress; ``on_message`` sees each message as it arrives."""

    def __init__(self, on_message: Callable[[str], None] | None = None) -> None:
        super().__init__(False)
        self.infos: list[str] = []
        self.warnings: list[str] = []
        self.errors: list[str] = []
        self.debug: list[str] = []
        self.commands: list[str] = []
        self.texts: list[str] = []
        self.log: list[str] = []
        self.progress_values: list[float] = []
        self._on_message = on_message
        self.progressChanged.connect(self.progress_values.append)

    @property
    def everything(self) -> str:
        """All that was said, in order of kind."""
        return "\n".join([*self.texts, *self.infos, *self.commands, *self.debug, *self.warnings, *self.errors])

    def _keep(self, kept: list[str], text: str) -> None:
        kept.append(text)
        self.log.append(text)
        if self._on_message is not None:
            self._on_message(text)

    # Names given by QGIS.
    def setProgressText(self, text: str) -> None:
        self._keep(self.texts, text)

    def pushInfo(self, info: str) -> None:
        self._keep(self.infos, info)

    def pushWarning(self, warning: str) -> None:
        self._keep(self.warnings, warning)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self._keep(self.errors, error)

    def pushDebugInfo(self, info: str) -> None:
        self._keep(self.debug, info)

    def pushConsoleInfo(self, info: str) -> None:
        self._keep(self.debug, info)

    def pushCommandInfo(self, info: str) -> None:
        self._keep(self.commands, info)
