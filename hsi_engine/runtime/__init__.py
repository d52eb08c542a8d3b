"""Device, precision and seeds."""
