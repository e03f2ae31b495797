"""Time zones come from the locked `tzdata`, wherever the service runs: two machines never disagree."""

import zoneinfo
from importlib.metadata import version

VERSION = version("tzdata")


def use_locked_tzdata() -> None:
    """Let `zoneinfo` read the package alone, in place of the system's files, which may be older."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
