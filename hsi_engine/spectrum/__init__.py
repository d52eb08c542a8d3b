"""Bands by wavelength: which there are, which are used, and which are shown."""
