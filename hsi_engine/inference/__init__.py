"""Prediction of whole windows, dense or patch by patch."""
