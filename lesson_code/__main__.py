"""``python -m lesson_code``: check a function of your own, and start exercises."""

import os

from lesson_code.checker.commands import main

if __name__ == "__main__":
    os._exit(main())  # to take torch apart would take half a second
