"""Parts that several operations share."""
