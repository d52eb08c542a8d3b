"""A scene without its noise."""
