"""Algorithms for the accuracy of a map: points to label."""
