"""One layer and field being labelled: where one is, what is written, and when that is saved.

Labels go through the edit session of the layer, so whatever QGIS can edit can be labelled, and the labels are on the undo
stack of QGIS. They are saved after every :data:`SAVE_AFTER` labels, :data:`SAVE_S` seconds after the first one that is
not saved, and at the end. A layer with other edits that are not saved is not saved here: those are for the user to keep
or to discard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qgis.core import QgsFeature, QgsFeatureRequest, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...layers.features.attribute_text import attribute_text
from ...translation import tr
from .edit_history import Edit, EditHistory
from .label_fields import POINT_ID, LabelFields, editing_problem, unlabelled_values
from .point_order import PointOrder

SAVE_AFTER, SAVE_S = 10, 30
# Under this name an edit is on the undo stack, and is known as one of ours.
_COMMAND = tr("Label point")
_RELOADING = ("featureAdded", "featureDeleted", "afterRollBack", "subsetStringChanged", "updatedFields")


class LabellingSession(QObject):
    """Begins with the first point without a label; :meth:`end` saves.

    Parameters
    ----------
    layer : of points.
    only_selected : leave out points that are not selected now; a filter of the layer always counts.

    Attributes
    ----------
    moved : another point is the current one, or it is to be seen again.
    changed : there are other points, or points have other values.
    said : a sentence for the user.
    """

    moved = pyqtSignal()
    changed = pyqtSignal()
    said = pyqtSignal(str)

    def __init__(self, layer: QgsVectorLayer, fields: LabelFields, *, only_selected: bool = False) -> None:
        super().__init__()
        self.layer, self.fields = layer, fields
        self._only = frozenset(layer.selectedFeatureIds()) if only_selected else None
        self._history = EditHistory()
        self._started = False
        self._saving: list[int] = []
        self.order = PointOrder()
        self._unlabelled = unlabelled_values(layer, fields.label)
        self._save_timer, self._load_timer, self._change_timer = QTimer(self), QTimer(self), QTimer(self)
        for timer, what in (
            (self._save_timer, self.save),
            (self._load_timer, self._reload),
            (self._change_timer, self.changed.emit),
        ):
            timer.setSingleShot(True)
            timer.timeout.connect(what)
        self._load()
        self._connect(True)

    def _connect(self, on: bool) -> None:
        pairs = [(name, self._load_soon) for name in _RELOADING]
        pairs += [("attributeValueChanged", self._value_changed), ("beforeCommitChanges", self._before_save)]
        pairs += [("afterCommitChanges", self._after_save), ("afterRollBack", self._rolled_back)]
        for name, slot in pairs:
            signal = getattr(self.layer, name)
            signal.connect(slot) if on else signal.disconnect(slot)

    def end(self) -> None:
        """Save what can be saved, and leave the layer's edit mode if it was begun here."""
        self.save()
        self._connect(False)
        for timer in (self._save_timer, self._load_timer, self._change_timer):
            timer.stop()
        if self._started and self.layer.isEditable() and not self.layer.isModified():
            self.layer.commitChanges()

    # --------------------------------------------------------------------------------- points

    def _features(self, names: Iterable[str]) -> Iterable[QgsFeature]:
        request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
        request.setSubsetOfAttributes(list(names), self.layer.fields())
        return (f for f in self.layer.getFeatures(request) if self._only is None or f.id() in self._only)

    def _load(self) -> None:
        """Read the points; the current one stays, else the first one without a label is."""
        former, label = self.order.current, self.fields.label
        if self.layer.fields().lookupField(label) < 0:
            self.order = PointOrder()
            return
        by_number = [POINT_ID] if self.layer.fields().lookupField(POINT_ID) >= 0 else []
        features = list(self._features([label, *by_number]))
        if by_number and all(isinstance(feature[POINT_ID], int) for feature in features):
            features.sort(key=lambda feature: feature[POINT_ID])
        self.order = PointOrder((feature.id(), self._is_label(feature[label])) for feature in features)
        if former is None or not self.order.go_to(former):
            self.order.go_to_unlabelled() or self.order.step(1)

    def _is_label(self, value: Any) -> bool:
        return attribute_text(value) not in self._unlabelled

    def _load_soon(self, *_: Any) -> None:
        # Many features may come or go at once, and a layer must not be read while it is being saved.
        self._load_timer.start(0)

    def _reload(self) -> None:
        former = self.order.current
        self._load()
        self.changed.emit()
        if self.order.current != former:
            self.moved.emit()

    @property
    def point(self) -> QgsFeature | None:
        """The current point; None if there is none."""
        if self.order.current is None:
            return None
        feature = self.layer.getFeature(self.order.current)
        return feature if feature.isValid() else None

    def text(self, field: str | None) -> str:
        """What the current point has in a field."""
        point = self.point
        known = point is not None and field is not None and point.fieldNameIndex(field) >= 0
        return attribute_text(point[field]) if known and point is not None else ""

    def step(self, by: int) -> None:
        """Go so many points forward or back."""
        if self.order.step(by):
            self.moved.emit()

    def go_to(self, point: int) -> None:
        """Go to a point by the id of its feature."""
        if self.order.go_to(point):
            self.moved.emit()

    def go_to_unlabelled(self) -> None:
        """Go to the next point without a label."""
        if self.order.go_to_unlabelled():
            self.moved.emit()
        else:
            self.said.emit(tr("All {:,} points are labelled.").format(len(self.order)))

    # --------------------------------------------------------------------------------- writing

    def write(self, texts: Mapping[str, str]) -> bool:
        """Give the current point values by field, as one step of the undo stack; an empty string removes a value.

        Returns
        -------
        False if that did not work; :attr:`said` then has the reason.
        """
        point = self.point
        if point is None:
            return False
        problem = editing_problem(self.layer, self.fields.label)
        if problem is not None:
            self.said.emit(problem)
            return False
        try:
            new = {name: self._converted(name, text) for name, text in texts.items() if text != self.text(name)}
        except ValueError as error:
            self.said.emit(str(error))
            return False
        if not new:
            return True
        edit = Edit(point.id(), {name: point[name] for name in new})
        if not self._change(edit.point, new):
            self.said.emit(tr("QGIS could not change the point in '{}'.").format(self.layer.name()))
            return False
        self._history.done(self.layer.undoStack().index() - 1, edit)
        if self.unsaved >= SAVE_AFTER:
            self.save()
        elif not self._save_timer.isActive():
            self._save_timer.start(int(1000 * SAVE_S))
        return True

    def _converted(self, name: str, text: str) -> Any:
        field = self.layer.fields().field(name)
        if not text:
            return None
        try:
            value = field.convertCompatible(text)
            if isinstance(value, int) and _is_fraction(text):  # QGIS rounds it
                raise ValueError(tr("it is not a whole number"))
            return value
        except ValueError as error:
            raise ValueError(
                tr("'{}' does not fit into field '{}': {}").format(text, name, str(error).rpartition(": ")[2])
            ) from error

    def _change(self, point: int, values: Mapping[str, Any]) -> bool:
        if not self.layer.isEditable():
            if not self.layer.startEditing():
                return False
            self._started = True
        self.layer.beginEditCommand(_COMMAND)
        lookup = self.layer.fields().lookupField
        if all(self.layer.changeAttributeValue(point, lookup(name), value) for name, value in values.items()):
            self.layer.endEditCommand()
            self.layer.triggerRepaint()
            return True
        self.layer.destroyEditCommand()
        return False

    def _value_changed(self, point: int, index: int, value: Any) -> None:
        """Also of an edit that was made elsewhere, or undone."""
        if index == self.layer.fields().lookupField(self.fields.label):
            self.order.mark(point, labelled=self._is_label(value))
        # A field calculator changes thousands at once.
        self._change_timer.start(0)

    # --------------------------------------------------------------------------------- undoing and saving

    def undo(self) -> None:
        """Take back the last edit, also after it was saved, and go to its point."""
        stack = self.layer.undoStack()
        if stack.canUndo():
            edit = self._history.at(stack.index() - 1) if stack.undoText() == _COMMAND else None
            stack.undo()
            self.layer.triggerRepaint()
        else:
            edit = self._history.take_saved()
            if edit is None:
                self.said.emit(tr("There is nothing to undo."))
                return
            if not self.layer.getFeature(edit.point).isValid():
                self.said.emit(tr("The point of the last label is no longer in the layer."))
                return
            # Saved at once: on the undo stack, the next undo would take back this one.
            self._history.discarded()
            if not (self._change(edit.point, edit.old) and self.save()):
                stack.undo()
                self._history.restore_saved(edit)
                return
        if edit is not None:
            self.go_to(edit.point)

    @property
    def unsaved(self) -> int:
        """Number of edits that are not saved yet, whoever made them."""
        return int(self.layer.undoStack().index()) if self.layer.isEditable() else 0

    @property
    def has_other_edits(self) -> bool:
        """Whether the layer has edits that were not made here and are not saved."""
        return len(self._own_positions()) < self.unsaved

    def _own_positions(self) -> list[int]:
        """Positions of the edits on the undo stack that were made here and not taken back."""
        stack = self.layer.undoStack()
        return [number for number in range(self.unsaved) if stack.text(number) == _COMMAND]

    def save(self) -> bool:
        """Save the labels, and stay in edit mode; False if that did not work, or is not ours to do."""
        if not self.unsaved:
            return True
        if self.has_other_edits:
            self.said.emit(
                tr(
                    "'{}' also has other edits, so labels are not saved automatically. Save or discard its edits."
                ).format(self.layer.name())
            )
            return False
        if self.layer.commitChanges(False):
            return True
        self.said.emit(
            tr("The labels could not be saved in '{}': {}").format(
                self.layer.name(), "; ".join(self.layer.commitErrors()[-1:])
            )
        )
        self._save_timer.start(int(1000 * SAVE_S))
        return False

    def _before_save(self, *_: Any) -> None:
        self._saving = self._own_positions()

    def _after_save(self) -> None:
        self._history.saved(self._saving)
        self._save_timer.stop()
        self.changed.emit()

    def _rolled_back(self) -> None:
        self._history.discarded()
        self._save_timer.stop()


def _is_fraction(text: str) -> bool:
    try:
        return not float(text.replace(",", ".")).is_integer()
    except ValueError:
        return False
