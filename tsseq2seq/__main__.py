"""``python -m tsseq2seq``: the command, where it is not on the PATH."""

import sys

from tsseq2seq.cli import main

if __name__ == "__main__":
    sys.exit(main())
