"""One map made by several processes: each maps rows of it, and one gathers them."""
