"""All checks, one after another; what one can't do doesn't keep the others from being done."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from booking.doctor.database import check_database
from booking.doctor.findings import Finding, fault
from booking.doctor.installation import check_backups, check_clinic, check_unwise_settings
from booking.doctor.operation import check_scheduler, check_schema
from booking.doctor.providers import check_mail, check_texts
from booking.doctor.public_address import check_public_address
from booking.extensions import db

Check = Callable[[Mapping[str, Any], datetime], Iterator[Finding]]
CHECKS: Mapping[str, Check] = {
    "settings": check_unwise_settings,
    "database": check_database,
    "schema": check_schema,
    "clinic": check_clinic,
    "scheduler": check_scheduler,
    "texts": check_texts,
    "e-mail": check_mail,
    "address": check_public_address,
    "backups": check_backups,
}


def examine_service(settings: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    """Yield what each check finds, as it is found; asks the providers, and writes nothing."""
    for part, check in CHECKS.items():
        try:
            yield from check(settings, now)
        except SQLAlchemyError as error:
            db.session.rollback()
            yield fault(
                part, f"can't be looked at: {type(error).__name__}", "see the database first"
            )
