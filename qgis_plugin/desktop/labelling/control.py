"""What keys, buttons and clicks do with a session, and what the panel shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsFeatureRequest, QgsPointXY, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAbstractButton

from ...plain_text import shortened
from ...translation import counted, tr
from ..canvas_tool import CanvasTool
from .classes import PointClass
from .keys import CERTAINTY, CLASS, CLEAR, COMMENT, NEXT_UNLABELLED, STEP, UNDO, LabelKeys, LabelTool
from .label_fields import POINT_ID, editing_problem
from .panel import LabelPanel
from .point_view import PointView
from .session import LabellingSession

# Of what a point is called, and of its class.
_MOST_LETTERS = 200


class LabelControl(QObject):
    """Lets a panel, keys and a canvas act on a session.

    Attributes
    ----------
    session : what is being labelled; None if nothing can be.
    classes : what can be chosen.
    """

    def __init__(self, panel: LabelPanel, canvas: QgsMapCanvas) -> None:
        super().__init__()
        self.panel, self._canvas = panel, canvas
        self.session: LabellingSession | None = None
        self.classes: Sequence[PointClass] = ()
        self._certainties: Sequence[str] = ()
        self.view = PointView(canvas)
        self.tool = LabelTool(canvas)
        self._taken = CanvasTool(canvas, self.tool)
        self._keys = LabelKeys(canvas, self.tool, self._takes)
        for widget in (panel, canvas):
            widget.installEventFilter(self._keys)
        self._keys.pressed.connect(self._obey)
        self.tool.clicked.connect(self._pick)
        panel.class_chosen.connect(lambda number: self._obey(CLASS, number))
        panel.certainty_chosen.connect(self._set_certainty)
        panel.stepped.connect(lambda by: self._obey(STEP, by))
        for button, command in (
            (panel.next_unlabelled, NEXT_UNLABELLED),
            (panel.clear, CLEAR),
            (panel.undo, UNDO),
        ):
            self._let(button, command)
        panel.zoom.clicked.connect(self._zoom)
        panel.comment.editingFinished.connect(self.write_comment)
        canvas.destinationCrsChanged.connect(self._mark)
        canvas.scaleChanged.connect(self._rescaled)
        self.tool.setButton(panel.in_map)
        panel.in_map.clicked.connect(self._take_keys)
        self._taken.take()

    def _take_keys(self, checked: bool = False) -> None:
        self._taken.take()
        # A click switches the button off, also if the tool was active already.
        self.panel.in_map.setChecked(True)

    def _let(self, button: QAbstractButton, command: str) -> None:
        button.clicked.connect(lambda _=False: self._obey(command, 0))

    def remove(self) -> None:
        """Give the canvas back as it was."""
        self._canvas.destinationCrsChanged.disconnect(self._mark)
        self._canvas.scaleChanged.disconnect(self._rescaled)
        for widget in (self.panel, self._canvas):
            widget.removeEventFilter(self._keys)
        self.view.remove()
        self._taken.give_back()
        self.tool.deleteLater()

    def begin(
        self, session: LabellingSession | None, classes: Sequence[PointClass] = (), certainties: Sequence[str] = ()
    ) -> None:
        """Go to work on a session with these classes and certainties; None: show that there is nothing to label."""
        self.session, self.classes, self._certainties = session, classes, certainties
        self.panel.offer_classes(classes)
        self.panel.offer_certainties(certainties)
        self.panel.status.setText("")
        if session is not None:
            session.moved.connect(self._moved)
            session.changed.connect(self._refresh)
            session.said.connect(self.panel.status.setText)
        self._moved()

    def end_session(self) -> None:
        """Save the session and leave it."""
        if self.session is not None:
            self.write_comment()
            self.session.end()
            self.session = None
        self.view.hide()

    # --------------------------------------------------------------------------------- commands

    def _takes(self, command: str, number: int) -> bool:
        if self.session is None:
            return False
        means = {
            CLASS: number < len(self.classes),
            CERTAINTY: bool(self._certainties),
            COMMENT: self.session.fields.comment is not None,
        }
        return means.get(command, True)

    def _obey(self, command: str, number: int) -> None:
        session = self.session
        if session is None:
            return
        self.panel.status.setText("")
        self.write_comment()
        if command == CLASS:
            written = session.write({session.fields.label: self.classes[number].value})
            if written and self.panel.onward.isChecked():
                session.go_to_unlabelled()
        elif command == CLEAR:
            fields = (session.fields.label, session.fields.certainty)
            session.write({field: "" for field in fields if field is not None})
        elif command == STEP:
            session.step(number)
        elif command == NEXT_UNLABELLED:
            session.go_to_unlabelled()
        elif command == CERTAINTY:
            # The first one is the surest, as is a label about which nothing was said.
            chosen = (self._certainty_number(session) or 0) + number
            self._set_certainty(min(max(chosen, 0), len(self._certainties) - 1))
        elif command == COMMENT:
            self.panel.comment.setFocus()
        elif command == UNDO:
            session.undo()
        self._refresh()

    def _set_certainty(self, number: int) -> None:
        if self.session is not None and self.session.fields.certainty is not None:
            self.session.write({self.session.fields.certainty: self._certainties[number]})
            self._refresh()

    def write_comment(self) -> None:
        """Write the comment if it was changed."""
        session = self.session
        if session is not None and session.fields.comment is not None and self.panel.comment.isModified():
            self.panel.comment.setModified(False)
            session.write({session.fields.comment: self.panel.comment.text().strip()})

    def _pick(self, place: QgsPointXY, radius: float) -> None:
        """Go to the point next to a click."""
        session = self.session
        if session is None:
            return
        area = QgsRectangle.fromCenterAndSize(place, 2 * radius, 2 * radius)
        to_layer = QgsCoordinateTransform(
            self._canvas.mapSettings().destinationCrs(), session.layer.crs(), QgsProject.instance()
        )
        try:
            area = to_layer.transformBoundingBox(area)
        except QgsCsException:
            return
        found: list[Any] = [f for f in session.layer.getFeatures(QgsFeatureRequest(area)) if f.id() in session.order]
        middle = area.center()
        if found:
            self.write_comment()
            session.go_to(min(found, key=lambda f: f.geometry().centroid().asPoint().distance(middle)).id())

    # --------------------------------------------------------------------------------- what is shown

    def _moved(self) -> None:
        self._refresh()
        self._mark(centre=True)

    def _zoom(self, checked: bool = False) -> None:
        self.view.forget_scale()
        self._mark(centre=True)

    def _rescaled(self, scale: float) -> None:
        self._mark()

    def _mark(self, *, centre: bool = False) -> None:
        point = None if self.session is None else self.session.point
        if self.session is None or point is None:
            self.view.hide()
        elif not self.view.show(self.session.layer, point.geometry(), centre=centre):
            self.panel.status.setText(tr("This point has no place that the map can show."))

    def _refresh(self) -> None:
        session, panel = self.session, self.panel
        point = None if session is None else session.point
        can_label = session is not None and editing_problem(session.layer, session.fields.label) is None
        panel.enable(browsing=point is not None, labelling=can_label)
        if session is None:
            panel.progress.setText("")
            panel.bar.setMaximum(1)
            panel.bar.setValue(0)
        else:
            panel.progress.setText(self._progress(session))
            panel.bar.setMaximum(max(1, len(session.order)))
            panel.bar.setValue(session.order.labelled)
        if session is None or point is None:
            panel.point.setText("")
            panel.show_point(None, None, "")
            return
        label = session.text(session.fields.label)
        numbers = (number for number, item in enumerate(self.classes) if item.value == label)
        panel.show_point(next(numbers, None), self._certainty_number(session), session.text(session.fields.comment))
        panel.point.setText(self._name(session, label))

    @staticmethod
    def _progress(session: LabellingSession) -> str:
        saved = (
            tr("all saved")
            if not session.unsaved
            else counted(session.unsaved, tr("edit not saved yet"), tr("edits not saved yet"))
        )
        done = tr("{:,} of {:,} labelled").format(session.order.labelled, len(session.order))
        return f"<b>{done}</b>, {saved}"

    @staticmethod
    def _name(session: LabellingSession, label: str) -> str:
        place = f"{session.order.place:,}"
        count, said = len(session.order), shortened(label, _MOST_LETTERS) or tr("not labelled")
        number = shortened(session.text(POINT_ID), _MOST_LETTERS) or place
        if number == place:
            return tr("Point {} of {:,}: {}").format(number, count, said)
        return tr("Point {} ({} of {:,}): {}").format(number, place, count, said)

    def _certainty_number(self, session: LabellingSession) -> int | None:
        value = session.text(session.fields.certainty)
        return self._certainties.index(value) if value in self._certainties else None
