"""Messages that name parameters, in the words of a command line: ``'patch_size'`` is ``--patch-size`` there.

Operations do not know through which entry point they were called: their messages hold for Python and QGIS, too.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import HsiError
from ..operations.definition.parameter_spec import ParameterSpec
from .options import option_name

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
# In front of a name in quotes that is one of the user's data, not of a parameter.
_OF_DATA = r"(?i:(?<!field )(?<!fields )(?<!layer )(?<!class )(?<!file )(?<!column )(?<!folder ))"
# Two names in quotes or more, such as 'cog', 'polygons' and 'legend_file'.
_LIST = r"'\w+'(?:, '\w+')*,? (?:and|or) '\w+'"


@dataclass(frozen=True, kw_only=True)
class OptionWords:
    """Turns the parameters of a command that a message names into its options.

    Parameters
    ----------
    specs : the parameters of the command by name; without any, all messages stay as they are.
    """

    specs: Mapping[str, ParameterSpec] = field(default_factory=dict)

    def error(self, error: HsiError) -> HsiError:
        """The same error in other words, without a hint that only repeats the help of a parameter that got a wrong value."""
        said = copy.copy(error)
        said.__dict__ = dict(vars(error))  # a library that makes exceptions travel (tblib) lets copies share theirs
        said.message, said.hint = self.text(error.message), self.text(error.hint)
        repeats = any(error.hint == spec.description for spec in self.specs.values())
        if repeats and error.code == "parameter.value":
            said.hint = ""
        return said

    def text(self, text: str) -> str:
        """``text`` with options instead of the parameters that it names; names of the user's own files, fields and classes stay."""
        text = re.sub(_LIST, self._listed, text)
        for name, spec in self.specs.items():
            # A name with an underscore is not an English word, so it needs no further sign that it is a parameter.
            mark, option = re.escape(name), option_name(name)
            text = re.sub(rf"[Pp]arameters? '{mark}'", option, text)
            text = text.replace(f"{option} ({spec.title}): must", f"{option} ({spec.title}) must")
            text = re.sub(rf"\b(with|and|set|Set|out|without|whatever) '{mark}'", rf"\1 {option}", text)
            text = re.sub(rf"\b([Ss]et) {mark} to (\S+?)(?=[,.;]?(\s|$))", rf"\1 {option} to \2", text)
            text = re.sub(rf"^'{mark}'", option, text)
            if "_" in name:
                text = re.sub(rf"{_OF_DATA}'{mark}'", option, text)
                text = re.sub(rf"(?<![\w./\\'\"-]){mark}(?![\w/\\'\"-]|\.\w)", option, text)
            for choice in spec.choices:
                text = re.sub(rf"\b{mark} '{re.escape(str(choice))}'", f"{option} {choice}", text)
                text = re.sub(rf"({option} \S+ or) '{re.escape(str(choice))}'", rf"\1 {choice}", text)
            if spec.type == "number":
                text = re.sub(rf"\({mark} ({_NUMBER})\)", rf"({option}=\1)", text)
        return text

    def _listed(self, found: re.Match[str]) -> str:
        """A list of names, if all of them are parameters."""
        names = re.findall(r"'(\w+)'", found[0])
        if not all(name in self.specs for name in names):
            return found[0]
        return re.sub(r"'(\w+)'", lambda name: option_name(name[1]), found[0])
