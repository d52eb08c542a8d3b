"""Whether a scene is in the unit its model was trained in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

# Scenes of one sensor and unit rarely differ this much in their mean level; two usual units of
# reflectance (0 to 1, per cent, 0 to 10,000) differ a hundredfold and more.
_FACTOR = 5.0
# Units of reflectance differ by one of these; a scene of another place or date, by no more than the slack.
_UNITS = (10_000, 1_000, 100, 10)
_SLACK = 3.0
# Factors from here on are written as powers of ten: nobody counts their digits.
_LONG = 1e6


def unit_factor(trained: npt.NDArray[Any], found: npt.NDArray[Any]) -> float | None:
    """What the values of a scene are probably to be multiplied with to be in the unit of the training; None if unclear.

    Parameters
    ----------
    trained, found : mean spectra as for :func:`scale_warning`.
    """
    level, new_level = float(np.abs(trained).mean()), float(np.abs(found).mean())
    if not (np.isfinite(new_level) and level > 0 and new_level > 0):
        return None
    ratio = level / new_level
    near = [unit for unit in (*_UNITS, *(1 / unit for unit in _UNITS)) if 1 / _SLACK < ratio / unit < _SLACK]
    if not scale_warning(trained, found) or not near:
        return None
    return min(near, key=lambda unit: abs(np.log(ratio / unit)))


def scale_warning(trained: npt.NDArray[Any], found: npt.NDArray[Any]) -> str:
    """Warn that a scene's level is far from the one a model knows.

    The file does not state the unit, so reflectance from 0 to 1 and from 0 to 10,000 can only be told
    apart by their level: the mean absolute value of the mean spectrum.

    Parameters
    ----------
    trained, found : mean spectra (bands,) of the training scene and of the new one, same bands.

    Returns
    -------
    A warning, or an empty string if the levels differ by less than a factor of 5.
    """
    units = "reflectance from 0 to 1 against 0 to 10,000, or radiance"
    return _warning(trained, found, whose="The scene's", known="scene", units=units)


def second_scale_warning(trained: npt.NDArray[Any], found: npt.NDArray[Any]) -> str:
    """As :func:`scale_warning`, of the bands of a second raster."""
    units = "such as decimetres or feet against metres"
    return _warning(trained, found, whose="The second raster's", known="second raster", units=units)


def _warning(trained: npt.NDArray[Any], found: npt.NDArray[Any], *, whose: str, known: str, units: str) -> str:
    level, new_level = float(np.abs(trained).mean()), float(np.abs(found).mean())
    if not (np.isfinite(new_level) and level > 0) or level / _FACTOR < new_level < level * _FACTOR:
        return ""
    if new_level == 0:
        difference = "zero"
    elif new_level > level:
        difference = f"{_factor_text(new_level / level)} times as high"
    else:
        difference = f"{_factor_text(level / new_level)} times as low"
    return (
        f"{whose} mean value is {difference}: {new_level:.4g}, against {level:.4g} in the {known} the model"
        f" was trained on. It may be in another unit ({units})"
        " or show something quite different; the map may then be wrong."
    )


def _factor_text(factor: float) -> str:
    """``10,000``, and from a million on ``1e+06``."""
    return f"{factor:,.0f}" if factor < _LONG else f"{factor:.0e}"
