"""What is in a scene."""
