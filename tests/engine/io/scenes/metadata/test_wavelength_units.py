from __future__ import annotations

import pytest

from hsi_engine.io.scenes.metadata.wavelength_units import infer_unit, is_plausible, parse_unit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Nanometers", 500.0),
        ("nm", 500.0),
        ("nanometre", 500.0),
        ("Micrometers", 0.5),
        ("µm", 0.5),
        ("um", 0.5),
        ("microns", 0.5),
        ("Millimeters", 5e-4),
        ("Meters", 5e-7),
        ("m", 5e-7),
        ("Angstroms", 5000.0),
        ("Wavenumber", 20000.0),
        ("cm-1", 20000.0),
        ("GHz", 599584.916),
        ("THz", 599.584916),
        ("Nanometer(s)", 500.0),
        ("wavelength (nm)", 500.0),
        ("Wavelength in nm", 500.0),
        ("nanometers [nm]", 500.0),
        ("nm.", 500.0),
        ("A", 5000.0),
        ("wavenumber (cm-1)", 20000.0),
    ],
)
def test_every_unit_of_green_light_gives_500_nm(text: str, value: float) -> None:
    unit = parse_unit(text)
    assert unit is not None
    assert unit.to_nm(value) == pytest.approx(500.0)


@pytest.mark.parametrize(
    "text", [None, "", "Index", "Unknown", "parsec", "a", "nm (µm)", "days (m)", "()", "decimal year"]
)
def test_no_unit_is_no_unit(text: str | None) -> None:
    assert parse_unit(text) is None


def test_width_in_wavenumbers_depends_on_the_position() -> None:
    unit = parse_unit("Wavenumber")
    assert unit is not None
    # λ = 1e7/ν: 20000 ± 10 cm⁻¹ spans 499.75 to 500.25 nm.
    assert unit.width_to_nm(20.0, 20000.0) == pytest.approx(1e7 / 19990 - 1e7 / 20010, rel=1e-5)
    nanometres = parse_unit("nm")
    assert nanometres is not None
    assert nanometres.width_to_nm(7.0, 500.0) == 7.0


@pytest.mark.parametrize(("scale", "name"), [(1.0, "nanometres"), (1e-3, "micrometres"), (1e-9, "metres")])
def test_unit_is_judged_by_magnitude(scale: float, name: str) -> None:
    for low, high in ((400.0, 1000.0), (400.0, 2500.0), (8000.0, 12000.0)):
        guess = infer_unit([low * scale, high * scale])
        assert guess is not None
        assert guess.name == name
        assert guess.to_nm(low * scale) == pytest.approx(low)


@pytest.mark.parametrize("values", [[], [1.0, 2.0, 3.0], [1e-12, 2e-12], [0.01, 0.02]])
def test_no_guess_where_nothing_is_likely(values: list[float]) -> None:
    assert infer_unit(values) is None


def test_plausible_wavelengths() -> None:
    assert is_plausible(418.2)
    assert not is_plausible(0.4182)
    assert not is_plausible(float("inf"))
