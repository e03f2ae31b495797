"""What forked processes begin with: the service is imported, and its tables are mapped to its classes."""

import gc

from sqlalchemy.orm import configure_mappers

import booking  # noqa: F401
import tests.desk.scenarios  # noqa: F401

configure_mappers()
# Else the collector of each process looks through all that, and so copies the memory that it shares.
gc.freeze()
