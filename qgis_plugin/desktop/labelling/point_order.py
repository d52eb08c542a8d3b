"""The points in the order in which they are labelled, and which of them have a label. Needs no QGIS."""

from __future__ import annotations

from collections.abc import Iterable


class PointOrder:
    """Where one is among the points.

    Parameters
    ----------
    points : id of each point and whether it is labelled, in order.

    Attributes
    ----------
    current : id of the point that is shown; None if there is no point, or none has been shown yet.
    """

    def __init__(self, points: Iterable[tuple[int, bool]] = ()) -> None:
        pairs = list(points)
        self._ids = [point for point, _ in pairs]
        self._places = {point: place for place, point in enumerate(self._ids)}
        self._labelled = {point for point, labelled in pairs if labelled}
        self.current: int | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, point: object) -> bool:
        return point in self._places

    @property
    def labelled(self) -> int:
        """Number of points with a label."""
        return len(self._labelled)

    @property
    def place(self) -> int | None:
        """Place of the current point, from 1."""
        return None if self.current is None else self._places[self.current] + 1

    def go_to(self, point: int) -> bool:
        """Make a point the current one; False if it is not among the points."""
        if point not in self._places:
            return False
        self.current = point
        return True

    def step(self, by: int) -> bool:
        """Go so many points forward or back, from the last to the first and the other way round; False without points."""
        if not self._ids:
            return False
        place = self._places[self.current] + by if self.current is not None else (0 if by > 0 else -1)
        self.current = self._ids[place % len(self._ids)]
        return True

    def go_to_unlabelled(self) -> bool:
        """Go to the next point without a label after the current one, from the last to the first; False if all have one."""
        start = 0 if self.current is None else self._places[self.current] + 1
        for point in self._ids[start:] + self._ids[:start]:
            if point not in self._labelled:
                self.current = point
                return True
        return False

    def mark(self, point: int, *, labelled: bool) -> None:
        """Note that a point got a label or lost it; other points are ignored."""
        if point in self._places:
            (self._labelled.add if labelled else self._labelled.discard)(point)
