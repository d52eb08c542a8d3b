"""The version of the engine: the only place where it is written.

The package's metadata is built from it. It is read from here and not from the metadata, so that it is right as well
where the engine is not installed, but only found through ``PYTHONPATH``.
"""

VERSION = "0.1.0"
