"""Diagrams and pictures of the pages."""
