"""What the importance of bands says, and what it cannot say, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from .operation import GroupImportance, group_text

LIMITS = (
    "Bands that say much the same share their importance: if one group is permuted, a model still has the other. Two groups with little"
    " importance may be needed together.",
    "It is the importance for this method on these labels, not of the bands themselves: another method may need others.",
    "A permuted pixel has a spectrum that may not exist, part from one place and part from another. What a model makes of it is not what it"
    " would make of a sensor without these bands; for that, train without them (bands) and compare.",
    "A loss smaller than its deviation, or below 0, may be chance.",
)
"""What permutation importance cannot tell (Hooker, Mentch and Zhou 2021)."""


def headline_of(groups: Sequence[GroupImportance]) -> str:
    """The group that matters most, in a sentence."""
    first = max(groups, key=lambda one: one.drop)
    if first.drop <= first.deviation:
        return "No group of bands matters on its own: permuting any of them costs no more than chance would."
    text, one = group_text(first), len(first.bands) == 1
    return (
        f"{text[:1].upper()}{text[1:]} matter{'s' if one else ''} most: if {'it is' if one else 'they are'} permuted,"
        f" {100 * first.drop:.1f} points of average accuracy are lost. The class that loses most is {first.most_affected}"
        f" ({100 * first.most_affected_drop:.0f} points)."
    )
