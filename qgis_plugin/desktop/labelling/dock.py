"""The dock in which reference points are labelled: which layer, which field, which classes."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QInputDialog

from ...translation import tr
from ..dock_switch import SwitchedDock
from .classes import add_class, classes_of, means_missing, styled_field, value_map
from .control import LabelControl
from .label_fields import (
    CERTAINTIES,
    CannotLabel,
    editing_problem,
    label_fields,
    make_fields,
    offered_fields,
    proposed_field,
)
from .panel import LabelPanel
from .pixel import visible_map
from .session import LabellingSession

# Follows the fields in their list.
_NEW_FIELD = -1


class LabelDock(SwitchedDock):
    """Labels the points of one layer; :meth:`end` saves and takes away what was put into canvas and project.

    Parameters
    ----------
    iface : the desktop's interface.
    layer : what is labelled first; None: the first layer of points in the list.
    """

    takes_keys = True

    def __init__(self, iface: Any, layer: QgsVectorLayer | None) -> None:
        super().__init__(tr("Label reference points"), iface.mainWindow())
        self.setObjectName("HsiLabelReferencePoints")
        self.panel = LabelPanel()
        self.setWidget(self.panel)
        if layer is not None:
            self.panel.layers.setLayer(layer)
        self.control = LabelControl(self.panel, iface.mapCanvas())
        self.panel.layers.layerChanged.connect(self._choose_layer)
        self.panel.fields.activated.connect(self._choose_field)
        self.panel.only_selected.toggled.connect(self._begin)
        self.panel.add_class.clicked.connect(self._ask_class)
        QgsProject.instance().layersWillBeRemoved.connect(self._removed)
        QgsProject.instance().layerTreeRoot().visibilityChanged.connect(self._show_note)
        self._choose_layer()

    def end(self, *, wait: bool = False) -> None:
        """Save, and give the canvas back; there is no run to wait for."""
        self.control.end_session()
        self.control.remove()
        self.panel.layers.layerChanged.disconnect(self._choose_layer)
        QgsProject.instance().layersWillBeRemoved.disconnect(self._removed)
        QgsProject.instance().layerTreeRoot().visibilityChanged.disconnect(self._show_note)

    @property
    def _layer(self) -> QgsVectorLayer | None:
        return self.panel.layers.currentLayer()

    def _choose_layer(self, *_: Any) -> None:
        self.control.end_session()
        self.panel.only_selected.blockSignals(True)
        self.panel.only_selected.setChecked(False)
        self.panel.only_selected.blockSignals(False)
        self.control.view.forget_scale()
        self._list_fields(None if self._layer is None else proposed_field(self._layer))
        self._begin()

    def _list_fields(self, chosen: str | None) -> None:
        box = self.panel.fields
        box.clear()
        if self._layer is not None:
            box.addItem(tr("Choose a field"), None)
            for name in offered_fields(self._layer):
                box.addItem(name, name)
            box.addItem(tr("New field…"), _NEW_FIELD)
        box.setCurrentIndex(max(0, box.findData(chosen)))

    def _choose_field(self, *_: Any) -> None:
        problem = self._make_field() if self.panel.fields.currentData() == _NEW_FIELD else ""
        self._begin()
        self.panel.status.setText(problem)

    def _make_field(self) -> str:
        """Ask for a name, make the field and choose it; returns what was in the way."""
        layer, session = self._layer, self.control.session
        chosen = like = None if session is None else session.fields.label
        self.control.end_session()
        problem = ""
        words = tr("Name of the field, such as reference_2 for a second interpreter:")
        name, accepted = QInputDialog.getText(self, tr("New field"), words)
        if accepted and layer is not None:
            try:
                make_fields(layer, name.strip(), like)
                chosen = name.strip()
            except CannotLabel as refused:
                problem = str(refused)
        self._list_fields(chosen)
        return problem

    def _ask_class(self, checked: bool = False) -> None:
        session = self.control.session
        if session is None:
            return
        name, accepted = QInputDialog.getText(self, tr("Add class"), tr("Name of the class, as it is written:"))
        name = name.strip()
        if accepted and means_missing(name):
            words = tr(
                "A class cannot be called '{}': QGIS stores a missing value under this name. Choose another name."
            )
            self.panel.status.setText(words.format(name))
        elif accepted and name and all(name != item.value for item in classes_of(session.layer, session.fields.label)):
            add_class(session.layer, session.fields.label, name)
            current = session.order.current
            self._begin()
            if self.control.session is not None and current is not None:
                self.control.session.go_to(current)

    def _begin(self, *_: Any) -> None:
        """Begin with the layer and field that are chosen, in the state they are in."""
        self.control.end_session()
        layer, field = self._layer, self.panel.fields.currentData()
        if layer is None or not isinstance(field, str):
            self.panel.comment.hide()
            self.control.begin(None)
        else:
            fields, classes = label_fields(layer, field), classes_of(layer, field)
            words = [] if fields.certainty is None else [value for value, _ in value_map(layer, fields.certainty)]
            session = LabellingSession(layer, fields, only_selected=self.panel.only_selected.isChecked())
            session.changed.connect(self._show_note)
            self.panel.comment.setVisible(fields.comment is not None)
            self.control.begin(session, classes, words or (CERTAINTIES if fields.certainty is not None else ()))
        self._show_note()
        self.panel.setFocus()

    def _show_note(self, *_: Any) -> None:
        """What is missing, or may bias the user."""
        self.panel.note.setText(self._note())

    def _note(self) -> str:
        layer, session = self._layer, self.control.session
        if layer is None:
            return tr("The project has no layer of points. Add one, such as that of Sample reference points.")
        if session is None:
            return tr("Choose the field that the classes are written into, or make a new one.")
        field, problem, shown = session.fields.label, editing_problem(layer, session.fields.label), styled_field(layer)
        if problem is not None:
            return problem
        if not self.control.classes:
            return tr("Field '{}' has no classes yet. Add them one by one.").format(field)
        if shown is not None and shown != field:
            words = tr("Choose another style: this one shows field '{}', and seeing its classes may bias you.")
            return words.format(shown)
        visible = visible_map(QgsProject.instance())
        return "" if visible is None else tr("Hide '{}': seeing its classes may bias you.").format(visible.name())

    def _removed(self, layer_ids: list[str]) -> None:
        session = self.control.session
        if session is not None and session.layer.id() in layer_ids:
            self.control.end_session()
            # Not now: the list of layers follows when the layer is gone.
            QTimer.singleShot(0, self._choose_layer)
