"""Classifiers that come from files of other formats."""
