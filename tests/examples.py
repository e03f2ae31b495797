"""How many examples a property is tried with; `EXAMPLES_TIMES=10 make test` tries ten times as many."""

import os

from hypothesis import settings

TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))


def examples(count: int) -> settings:
    """Return the settings of a property that is tried with so many examples."""
    return settings(max_examples=count * TIMES)
