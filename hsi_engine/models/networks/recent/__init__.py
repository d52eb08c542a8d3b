"""Transformers and other recent networks for patches."""
