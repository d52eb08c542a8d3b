"""The whole job on a scene that comes with the project."""
