"""What forked processes begin with: the service is imported, and its tables are mapped to its classes."""

from sqlalchemy.orm import configure_mappers

import booking  # noqa: F401
import tests.desk.scenarios  # noqa: F401

configure_mappers()
