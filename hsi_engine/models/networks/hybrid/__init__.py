"""HybridSN with another 2-D part."""
