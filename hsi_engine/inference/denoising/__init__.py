"""Applying a denoiser."""
