"""The dock that explains the pixel that was clicked."""
