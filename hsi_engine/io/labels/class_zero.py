"""Value 0, which means no class here, in files where it may mean one."""

from __future__ import annotations

from ...classes.class_names import is_named, means_no_class
from ...classes.legend import NODATA_VALUE
from ...errors import LabelError

_HINT = (
    "Renumber the classes from 1, for example with the raster or field calculator of QGIS. If 0 is not a class, call "
    "it Unclassified in the file; for training and cleaning, a legend without 0 is enough."
)


def judge_zero(
    count: int,
    *,
    what: str,
    place: str,
    name: str | None = None,
    nodata: float | None = None,
    drawn: bool = False,
    excused: bool = False,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes and warnings on what holds the value 0 and is left out for it.

    Parameters
    ----------
    count : how many do; ``what`` they are (pixels, features) and ``place`` the file they are in, for messages.
    name : what the file calls the value 0.
    nodata : the nodata value that the file declares, if it is not 0: then 0 is likely to be a class.
    drawn : somebody drew them, so that 0 is likely to be a class.
    excused : the user gave a legend, which holds no class 0.

    Raises
    ------
    LabelError : the file calls 0 by the name of a class.
    """
    if not count:
        return (), ()
    named = name is not None and is_named(NODATA_VALUE, name) and not means_no_class(name)
    if named and not excused:
        raise LabelError(
            f"{place} calls value 0 “{name}”, and {count:,} {what} have it; but 0 means no class here, so this class "
            f"would be lost.",
            code="class_zero",
            hint=_HINT,
        )
    found = f"{count:,} {what} of {place} hold the value 0, which means no class here"
    if not (named or drawn or nodata is not None):
        return (f"{found}; they are left out.",), ()
    signs = [f"the file calls it “{name}”"] if named else []
    signs += [f"the nodata value of the file is {nodata:g}"] if nodata is not None else []
    although = f", although {' and '.join(signs)}" if signs else ""
    return (), (f"{found}{although}: they are left out. If 0 is a class, renumber the classes from 1.",)
