"""``python -m hsi_engine`` is the command ``hsi``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
