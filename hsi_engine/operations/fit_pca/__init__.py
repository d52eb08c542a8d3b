"""Principal components of a scene."""
