"""``python -m lesson_code``: check a function of your own, and start exercises."""

import sys

from lesson_code.checker.commands import main

if __name__ == "__main__":
    sys.exit(main())
