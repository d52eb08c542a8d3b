"""How much a caller may hand in at once."""

MOST_LETTERS = 4 << 20
"""Of a request; those of forms have some thousands."""
