"""``hsi`` from the words of a command line to an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import CycloptsError

from ..entrypoints.ending import end_quickly
from ..entrypoints.streams import discard, open_closed_streams
from ..entrypoints.threads import share_cores
from ..errors import Cancelled
from ..failures import as_hsi_error, print_traceback
from ..io.files.isolation.network import let_no_host_past
from ..operations.catalogue import CATALOGUE, Catalogue
from ..operations.definition.old_names import old_names
from ..operations.definition.parameter_spec import parameter_specs
from .commands import ENGINE_COMMANDS, build_app
from .kind_of_file import directed, shown_command
from .option_words import OptionWords
from .options import with_coordinates
from .replies import Answer, Replies
from .usage_errors import as_parameter_error


def run_program(arguments: Sequence[str] | None, catalogue: Catalogue | None) -> int:
    """Run one command; every error becomes one or two lines and an exit code."""
    open_closed_streams()
    end_quickly()
    share_cores()
    let_no_host_past()
    given = list(sys.argv[1:] if arguments is None else arguments)
    words = with_coordinates(directed(given))
    operations = CATALOGUE if catalogue is None else catalogue
    offered = _offered(words, operations)
    specs = {operation.command: parameter_specs(operation.params) for operation in offered.values()}
    replies = Replies(as_json="--json" in words, words=OptionWords(specs=specs.get(words[0] if words else "", {})))
    try:
        app = build_app(offered, operations, replies)
        try:
            command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            old = {operation.command: old_names(operation.name) for operation in offered.values()}
            raise as_parameter_error(error, app, words, specs, old, shown_command(given, words)) from error
        answer = command(*bound.args, **bound.kwargs)
        # Help and version print their text and return nothing.
        return replies.answer(answer) if isinstance(answer, Answer) else 0
    except BrokenPipeError:
        # The reader has seen enough (hsi describe | head); Python's own flush at exit must not complain.
        discard(1)
        return 0
    except KeyboardInterrupt:
        return replies.error(Cancelled())
    except Exception as error:
        print_traceback(error)
        return replies.error(as_hsi_error(error))


def _offered(words: Sequence[str], operations: Catalogue) -> Catalogue:
    """The operations that a command line may be about: loading them all takes most of a second."""
    first = words[0] if words else ""
    if first in ENGINE_COMMANDS:
        return Catalogue.of()
    operation = operations.with_command(first)
    return operations if operation is None else Catalogue.of(operation)
