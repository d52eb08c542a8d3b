"""Groups of channels that are convolved apart."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import ParameterError


def check_groups(title: str, groups: int, channels: Iterable[int]) -> None:
    """Make sure that ``groups`` divides all of ``channels``.

    Raises
    ------
    ParameterError : it does not; names those that would do.
    """
    channels = tuple(channels)
    wrong = [count for count in channels if count % groups]
    if wrong:
        allowed = [str(n) for n in range(1, min(channels) + 1) if not any(count % n for count in channels)]
        raise ParameterError(
            f"{title} cannot have {groups} groups: its layers have {', '.join(map(str, channels))} channels, and"
            f" {wrong[0]} cannot be divided by {groups}.",
            code="groups_do_not_divide",
            hint=f"Choose {', '.join(allowed[:-1])} or {allowed[-1]}." if len(allowed) > 1 else "Choose 1.",
        )
