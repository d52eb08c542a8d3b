"""Maps without small areas, and the areas of their classes."""
