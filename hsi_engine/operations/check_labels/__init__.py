"""Whether labels are good enough to train with."""
