"""Whether the engine works on this machine."""
