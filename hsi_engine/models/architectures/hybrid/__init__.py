"""HybridSN with another 2-D part, as data."""
