"""Torch modules of the networks, their heads and the fast forms of both."""
