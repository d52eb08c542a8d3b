"""One file an operation: its parameters, its result and its run."""
