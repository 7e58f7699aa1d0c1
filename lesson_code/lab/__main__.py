"""The command ``python -m lesson_code.lab``."""

import sys

try:
    from lesson_code.lab.cli import main
except KeyboardInterrupt:  # torch takes its time
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main())
