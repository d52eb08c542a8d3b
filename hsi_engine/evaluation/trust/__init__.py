"""Where a model may be trusted: pixels like those it learned from, sets of classes, and the surest part of a map."""
