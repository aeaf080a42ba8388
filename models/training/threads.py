"""How torch's threads wait for one another, settled before torch is loaded. No thread of its own."""

from __future__ import annotations

import os

GOMP_SPIN_COUNT = "500"  # of GNU's OpenMP, which torch's wheels for Linux bring along


def limit_openmp_spinning() -> None:
    """Let threads spin for a moment only and then sleep, unless the user's environment says otherwise.

    Two threads that train on two cores meet thousands of times a second. Spinning as long as OpenMP does by itself they
    read 19,000 characters a second on an idle machine and 5,000 beside one busy program; sleeping at once 10,500 and
    11,000; this way 17,000 and 8,000. Read once, when torch is loaded.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", GOMP_SPIN_COUNT)
