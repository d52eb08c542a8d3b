"""The models of a comparison as a user writes them: ``lda, svm, hybridsn(patch_size=11, epochs=20)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import ParameterError
from ...models import registry

# Commas inside brackets belong to the settings of a model.
_COMMA = re.compile(r",(?![^()]*\))")
_ENTRY = re.compile(r"^(?P<name>[\w.\- ]+?)\s*(?:\((?P<settings>[^()]*)\))?$")


@dataclass(frozen=True, kw_only=True)
class ListedModel:
    """A model that is compared.

    Parameters
    ----------
    label : as it is called in files and tables, with its settings: ``hybridsn(patch_size=11)``.
    name : in the registry.
    settings : its settings as text, ``patch_size=11, epochs=20``; empty if it has its own.
    """

    label: str
    name: str
    settings: str


def parse_models(text: str) -> list[ListedModel]:
    """The models in a list.

    Raises
    ------
    ParameterError : an entry cannot be read, a name is unknown (near matches are named), there are fewer than two, or one
        is listed twice with the same settings.
    """
    found: list[ListedModel] = []
    for entry in filter(None, (part.strip() for part in _COMMA.split(text))):
        match = _ENTRY.match(entry)
        if match is None:
            raise ParameterError(
                f"Parameter 'models' cannot be read at {entry!r}: expected the name of a model, with settings in brackets"
                " if it needs any.",
                code="model_list",
                hint="Write for example: lda, svm, hybridsn(patch_size=11, epochs=20).",
            )
        name = registry.get(re.sub(r"[\s-]+", "_", match["name"].lower())).name
        settings = ", ".join(sorted(filter(None, (s.strip() for s in (match["settings"] or "").split(",")))))
        label = f"{name}({settings})" if settings else name
        if any(label == other.label for other in found):
            raise ParameterError(
                f"Parameter 'models' lists {label!r} twice: a model cannot be compared with itself.",
                code="same_model_twice",
                hint="Remove one of them, or give them different settings, such as hybridsn, hybridsn(patch_size=11).",
            )
        found.append(ListedModel(label=label, name=name, settings=settings))
    if len(found) < 2:
        raise ParameterError(
            f"A comparison needs two models or more; parameter 'models' lists {len(found)}.",
            code="too_few_models",
            hint=f"Separate them with commas, such as lda, svm. There are {', '.join(registry.architectures())}.",
        )
    return found
