"""The networks that the paper of HybridSN compares with, as data."""
