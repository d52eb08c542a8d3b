"""What can go wrong while the engine is set up, as messages for the person in front of QGIS."""

from __future__ import annotations


class SetUpError(Exception):
    """A set-up that cannot continue.

    Attributes
    ----------
    message : what is wrong, where, what was expected and what was found
    hint : what to do about it
    details : for the log, not for the message
    """

    def __init__(self, message: str, hint: str, details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class SetUpCancelled(Exception):
    """The user stopped the set-up. The next one repairs what it left."""

    def __str__(self) -> str:
        return "The set-up was cancelled. Run 'Set up engine' again to finish it."
