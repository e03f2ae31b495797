"""What someone was typing when their sign-in ended: kept an hour, for them alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.statements import put
from booking.db.transactions import UtcDateTime, transaction
from booking.extensions import Model, db

FORM_RETENTION = timedelta(hours=1)


class InterruptedForm(Model):
    """A form that was sent after its sign-in had ended; `fields` are pairs of name and text."""

    __tablename__ = "interrupted_form"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)  # the form's own, random
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    path: Mapped[str] = mapped_column(Text)  # with its query
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@transaction()
def save_form(
    key: str, staff_id: int, path: str, fields: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Keep what was typed; sent once more, the later is kept."""
    row = {
        "key": key,
        "staff_id": staff_id,
        "path": path,
        "fields": [list(pair) for pair in fields],
        "kept_at": now,
    }
    put(InterruptedForm, row, key="key")


def find_interrupted_form(key: str, staff_id: int, now: datetime) -> InterruptedForm | None:
    """Return what this member of staff was typing; what is another's, or too old, is not there."""
    statement = select(InterruptedForm).filter_by(key=key, staff_id=staff_id)
    return db.session.scalar(statement.where(InterruptedForm.kept_at > now - FORM_RETENTION))


@transaction()
def delete_expired_forms(now: datetime) -> None:
    """Forget what nobody came back for."""
    db.session.execute(
        delete(InterruptedForm).where(InterruptedForm.kept_at <= now - FORM_RETENTION)
    )
