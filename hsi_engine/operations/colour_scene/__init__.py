"""A scene in colour."""
