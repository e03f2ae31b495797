"""Answers and forms that are kept for an hour or two days, of which some are of a patient who is erased."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from booking.db.idempotency import IdempotencyKey
from booking.erasure.traces import PatientTraces
from booking.extensions import db
from booking.staff.interrupted_forms import InterruptedForm

NATIONAL_DIGITS = 10  # of a phone number, however it was typed


def delete_kept_forms(traces: PatientTraces) -> None:
    """Delete the answers and forms that are a patient's; what others sent is still done once.

    Theirs is what was typed on a page of theirs, or has a number or address of theirs, or two of their names.
    """
    for answer in db.session.scalars(select(IdempotencyKey)):
        if mentions(list(_list_texts(answer.answer)), traces):
            db.session.delete(answer)
    pages = tuple(f"/patients/{record_id}" for record_id in traces.record_ids)
    for form in db.session.scalars(select(InterruptedForm)):
        is_on_page = any(re.search(rf"{page}\b", form.path) for page in pages)
        if is_on_page or mentions(list(_list_texts(form.fields)), traces):
            db.session.delete(form)


def mentions(texts: list[str], traces: PatientTraces) -> bool:
    """Tell whether texts have a number or address of a patient, or two of their names as whole words."""
    phones = {_last_digits(phone) for phone in traces.phones | traces.shared_phones}
    if any(_last_digits(text) in phones for text in texts):
        return True
    written = "\n".join(texts).casefold()
    if any(_has_word(written, email) for email in traces.emails | traces.shared_emails):
        return True
    names = {name.casefold() for name in traces.names}
    return sum(_has_word(written, name) for name in names) >= min(2, len(names) or 1)


def _has_word(written: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", written) is not None


def _last_digits(text: str) -> str:
    return re.sub(r"\D", "", text)[-NATIONAL_DIGITS:]


def _list_texts(value: Any) -> Iterator[str]:
    """Yield every text in a value read from JSON."""
    match value:
        case str():
            yield value
        case dict():
            yield from _list_texts(list(value.values()))
        case list():
            for part in value:
                yield from _list_texts(part)
