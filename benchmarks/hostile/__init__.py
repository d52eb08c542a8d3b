"""A campaign of hostile input: ``python -m benchmarks.hostile``; see :mod:`benchmarks.hostile.__main__`."""
