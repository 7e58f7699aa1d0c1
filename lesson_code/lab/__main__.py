"""The command ``python -m lesson_code.lab``."""

import sys

from lesson_code.lab.cli import main

if __name__ == "__main__":
    sys.exit(main())
