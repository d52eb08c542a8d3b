"""A quick map of a part of a scene."""
