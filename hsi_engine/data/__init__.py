"""Patches and batches from the reduced cube."""
