"""What a file says about the bands and numbers of a scene."""
