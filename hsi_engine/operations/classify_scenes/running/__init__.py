"""Working through the tasks of a run: here, or in several processes."""
