"""What the tables of a page hold."""
