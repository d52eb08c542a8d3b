"""Training: settings, loop and checkpoints."""
