"""Dividing samples into training, validation and test, and measuring what that is worth."""
