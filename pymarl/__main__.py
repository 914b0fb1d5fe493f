"""``python -m pymarl``."""

import sys

from pymarl.utils.threads import pin_threads

if __name__ == "__main__":
    pin_threads(sys.argv)
    from pymarl.main import main

    sys.exit(main(sys.argv[1:]))
