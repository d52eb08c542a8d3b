"""Products of missions as they are delivered, one module each."""
