"""Training and mapping in one job."""
