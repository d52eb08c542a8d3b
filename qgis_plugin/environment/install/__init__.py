"""Installing packages."""
