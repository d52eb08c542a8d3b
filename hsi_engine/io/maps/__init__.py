"""Class maps: writing, reading, checking them, and the part of a scene that they cover."""
