"""Hyperspectral image classification: scenes, labels, HybridSN and class maps, without a GUI."""
