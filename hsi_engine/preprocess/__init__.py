"""From bands to the few components a network sees, one step a file."""
