"""What a file states about the bands and numbers of a scene."""
