"""Writing a changed copy of a scene."""
