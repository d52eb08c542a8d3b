"""The output of a command at its end: on stdout the result, on stderr what went wrong."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..entrypoints.streams import discard, private_stdout, write_all
from ..errors import Cancelled, HsiError, OutputError
from .option_words import OptionWords

_STDOUT, _STDERR = 1, 2
# The words that begin such a line of a result.
_REPEATED = ("Note", "Warning")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The result of a command, for a program and for a person; ``code`` is the exit code.

    ``said`` are the messages that stderr has shown. The text may hold them again as notes, for a file that keeps the result.
    """

    document: dict[str, Any]
    text: str
    code: int = 0
    said: frozenset[str] = frozenset()


class Replies:
    """The end of a command: its answer or its error.

    Parameters
    ----------
    as_json : whether standard output gets one JSON document, in case of an error too.
    words : names the parameters of the command as its options.
    """

    def __init__(self, *, as_json: bool, words: OptionWords | None = None) -> None:
        self._as_json = as_json
        self.words = words or OptionWords()
        self._stdout = _STDOUT

    @contextlib.contextmanager
    def clean_stdout(self) -> Iterator[None]:
        """Send what libraries print to stderr while the block runs."""
        with private_stdout() as descriptor:
            self._stdout = descriptor
            try:
                yield
            finally:
                self._stdout = _STDOUT

    def answer(self, answer: Answer) -> int:
        """Print the result and return the exit code.

        Raises
        ------
        OutputError : standard output takes nothing, such as a file on a full disk.
        BrokenPipeError : nobody reads it any more.
        """
        try:
            if self._as_json:
                self._write_document(answer.document)
            else:
                text = _without_repeats(answer) if _same_place(self._stdout) else answer.text
                write_all(self._stdout, self.words.text(text).rstrip("\n") + "\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"The result cannot be written to standard output: {error.strerror}.",
                code="stdout",
                hint="Files that this command writes are there and complete. Send its result to a disk with space.",
            ) from error
        return answer.code

    def error(self, error: HsiError) -> int:
        """Say what went wrong in one or two lines and return the exit code."""
        error = self.words.error(error)
        if isinstance(error, Cancelled):
            lines = [error.message]
        else:
            lines = [f"hsi: error: {_one_line(error.message)}"]
            if error.hint:
                lines.append(f"  {_one_line(error.hint)}")
        try:
            sys.stderr.write("\n".join(lines) + "\n")
            sys.stderr.flush()
        except OSError:
            discard(_STDERR)  # it may be full; the exit code says it too
        if self._as_json:
            with contextlib.suppress(OSError):
                self._write_document({"error": error.to_dict()})
        return error.exit_code

    def _write_document(self, document: dict[str, Any]) -> None:
        write_all(self._stdout, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _same_place(stdout: int) -> bool:
    """Whether stdout and stderr go to the same terminal or file, so that a reader has both."""
    try:
        return os.path.samestat(os.fstat(stdout), os.fstat(_STDERR))
    except OSError:  # one is closed
        return False


def _without_repeats(answer: Answer) -> str:
    """The text without the notes, warnings and sentences that stderr has shown."""
    repeats = {f"{word}: {message}" for message in answer.said for word in _REPEATED} | answer.said
    return "\n".join(line for line in answer.text.split("\n") if line not in repeats).lstrip("\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
