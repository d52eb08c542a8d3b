"""Sentences about a job that the user reads now and its report keeps."""

from __future__ import annotations

from ...reporting import Reporter


class Notes:
    """Logs sentences and keeps them."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.texts: list[str] = []

    def add(self, *texts: str, warn: bool = False) -> None:
        """Log each text and keep it."""
        for text in texts:
            self._reporter.log(text, "warning" if warn else "info")
            self.texts.append(text)
