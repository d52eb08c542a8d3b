"""What algorithms have in common."""
