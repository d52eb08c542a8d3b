"""Types of fields, by the names that this QGIS takes.

QGIS before 3.38 takes those of QVariant only. Later ones warn about them, and with Qt6 they are gone.
"""

from __future__ import annotations

from qgis.core import Qgis
from qgis.PyQt.QtCore import QMetaType, QVariant

if Qgis.QGIS_VERSION_INT < 33800:
    TEXT, INTEGER, BOOLEAN = QVariant.Type.String, QVariant.Type.Int, QVariant.Type.Bool  # noqa: QGS402
else:
    TEXT, INTEGER, BOOLEAN = QMetaType.Type.QString, QMetaType.Type.Int, QMetaType.Type.Bool
