"""Why one pixel got its class."""
