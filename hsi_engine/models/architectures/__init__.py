"""What there is to choose from, as data: one architecture per file. Reading it does not load torch."""
