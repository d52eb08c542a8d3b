"""Mapping many scenes with one model, with a record of each."""
