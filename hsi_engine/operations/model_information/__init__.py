"""What a model file is, and whether it fits a scene."""
