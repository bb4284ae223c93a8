"""`python -m privity`."""

from __future__ import annotations

import sys

from privity.main import main

if __name__ == "__main__":
    sys.exit(main())
