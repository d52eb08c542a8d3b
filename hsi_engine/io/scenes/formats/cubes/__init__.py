"""Windows of arrays of three axes, in whatever order the axes are."""
