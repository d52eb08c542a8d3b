"""Pages on labels, models and scenes."""
