"""``hsi info FILE``: a scene or a model, by the content of the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_INFO, _MODEL_INFO = "info", "model-info"
_SCENE, _MODEL = "--scene", "--model"
_WITH_VALUE = frozenset({_SCENE, _MODEL, "--report", "--nodata"})
_SUFFIXES = (".hsimodel", ".hsidenoiser", ".onnx")
_HELP = "Given a model file, it describes the model: see hsi info MODEL --help."


def directed(words: Sequence[str]) -> list[str]:
    """The words of a command line, with ``info`` replaced by ``model-info`` if a model is to be described.

    ``hsi info MODEL --scene SCENE`` is about the model. A model is known by its content, whatever it is called. A file that is
    called .hsimodel or .onnx and holds neither a model nor a raster counts as one, so that the error message says what it is.
    """
    given = list(words)
    if not given or given[0] != _INFO:
        return given
    files = _files(given)
    if _MODEL in files:
        return [_MODEL_INFO, *given[1:]]
    if "" in files:
        return [_MODEL_INFO, *given[1:]] if _is_model(files[""]) else given
    if _SCENE in files and _is_model(files[_SCENE]):
        return [_MODEL_INFO, *(_MODEL + word[len(_SCENE) :] if word.startswith(_SCENE) else word for word in given[1:])]
    return given


def shown_command(given: Sequence[str], words: Sequence[str]) -> str:
    """How messages call the command of ``words``, which :func:`directed` made of what was ``given``."""
    return f"{_INFO} MODEL" if given[:1] == [_INFO] and words[:1] == [_MODEL_INFO] else "".join(words[:1])


def help_on_models(command: str) -> str:
    """What the help of a command adds about models to its own summary; empty except for ``info``."""
    return f" {_HELP}" if command == _INFO else ""


def _files(words: Sequence[str]) -> dict[str, str]:
    """Values of ``--scene`` and ``--model``, and under an empty name the first word that belongs to no option."""
    found: dict[str, str] = {}
    option = ""
    for word in words[1:]:
        if option:
            found.setdefault(option, word)
            option = ""
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            found.setdefault(name, value)
        elif word in _WITH_VALUE:
            option = word
        elif not word.startswith("-"):
            found.setdefault("", word)
    return found


def _is_model(name: str) -> bool:
    from ..bundle.format import is_denoiser, is_model, is_raster  # here, so that help stays fast

    try:
        path = Path(name).expanduser()
    except RuntimeError:  # there is no user of that name
        path = Path(name)
    # The description of a model says of a denoiser what it is.
    return is_model(path) or is_denoiser(path) or (path.suffix.lower() in _SUFFIXES and not is_raster(path))
