"""The WSGI app, for gunicorn: `gunicorn wsgi:app`."""

import sys

from booking import create_app, create_offline_app
from booking.demo.separation import Mixed
from booking.settings import SettingsError

REFUSED = 3  # by this status gunicorn knows that starting anew would not help

OFFLINE = "series solve"  # the command that needs no clinic: neither settings nor a database

try:
    app = create_offline_app() if OFFLINE in " ".join(sys.argv) else create_app()
except (SettingsError, Mixed) as error:
    sys.stderr.write(f"{error}\n")  # for whoever starts it: no trace of ours would tell them more
    sys.exit(REFUSED)
