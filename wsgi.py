"""The WSGI app, for gunicorn: `gunicorn wsgi:app`."""

import sys

from booking import create_app
from booking.demo.separation import Mixed
from booking.settings import SettingsError

REFUSED = 3  # by this status gunicorn knows that starting anew would not help

try:
    app = create_app()
except (SettingsError, Mixed) as error:
    sys.stderr.write(f"{error}\n")  # for whoever starts it: no trace of ours would tell them more
    sys.exit(REFUSED)
