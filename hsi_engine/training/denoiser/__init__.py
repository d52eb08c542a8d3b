"""Fitting a denoiser to a scene."""
