"""The history of answers: each submission as it was sent, whatever it led to, for the practitioner.

Until a booking it is gathered under a key of the visitor's browser, with nothing that says who they are
beyond the birth date, and goes within a day. A booking made under the key keeps what the same birth date
answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import delete, exists, select

from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.screening.answer_changes import AnswerChange, list_answer_changes, list_taken_back
from booking.screening.models import Questionnaire, ScreeningResponse, ScreeningSubmission
from booking.screening.operations import ScreeningAnswers, find_answers
from booking.screening.rules import ScreeningOutcome, ScreeningQuestion

OF_A_BOOKING = exists().where(
    ScreeningResponse.history_key == ScreeningSubmission.history_key,
    ScreeningResponse.birth_date == ScreeningSubmission.birth_date,
    ScreeningResponse.patient_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """What was answered for one booking, the earliest first."""

    response: ScreeningResponse
    submissions: Sequence[ScreeningSubmission | ScreeningResponse]

    @property
    def changes(self) -> list[AnswerChange]:
        """The answers that were given otherwise before."""
        return list_answer_changes(self.submissions)


@transaction()
def record_submission(
    history_key: str, answers: ScreeningAnswers, outcome: ScreeningOutcome, now: datetime
) -> None:
    """Add answers, as they were sent, to the history; the same sent again adds nothing."""
    submission = ScreeningSubmission(
        history_key=history_key,
        version=answers.version,
        birth_date=answers.birth_date,
        answers=dict(answers.answers),
        outcome=outcome,
        answered_at=now,
    )
    newest = _submissions_by_key([history_key])[-1:]
    if not newest or newest[0].content != submission.content:
        db.session.add(submission)


def _submissions_by_key(keys: Sequence[str]) -> list[ScreeningSubmission]:
    """Return the submissions under these keys, by key, the earliest first."""
    of_keys = select(ScreeningSubmission).where(ScreeningSubmission.history_key.in_(keys))
    order = (ScreeningSubmission.history_key, ScreeningSubmission.id)
    return list(db.session.scalars(of_keys.order_by(*order)))


@transaction()
def delete_history(history_key: str) -> None:
    """Forget what was answered under a key, as it was somebody else's; what was booked stays."""
    of_key = ScreeningSubmission.history_key == history_key
    db.session.execute(delete(ScreeningSubmission).where(of_key, ~OF_A_BOOKING))


@transaction()
def delete_answers(appointment_id: int) -> None:
    """Delete the answers kept under a hold, with their history: they were another person's."""
    response = find_answers(appointment_id)
    if response is not None:
        db.session.delete(response)
        delete_history(response.history_key or "")


@transaction()
def delete_abandoned_submissions(cutoff: datetime) -> None:
    """Delete what was answered before an instant and led to no booking."""
    is_old = ScreeningSubmission.answered_at < cutoff
    db.session.execute(delete(ScreeningSubmission).where(is_old, ~OF_A_BOOKING))


def list_stops_taken_back(
    appointment_id: int, questions: Sequence[ScreeningQuestion]
) -> tuple[str, ...]:
    """Return the questions that stop a booking and were answered yes before the answers of a hold."""
    response = find_answers(appointment_id)
    if response is None or response.history_key is None:
        return ()
    submissions = _submissions_by_key([response.history_key])
    return list_taken_back(questions, _own_submissions(response, submissions))


def _own_submissions(
    response: ScreeningResponse, submissions: Sequence[ScreeningSubmission]
) -> Sequence[ScreeningSubmission | ScreeningResponse]:
    """Return those with the birth date of the booking; its answers alone when there are none."""
    own = [each for each in submissions if each.birth_date == response.birth_date]
    return own or [response]


def list_histories(patient_id: int) -> list[AnswerHistory]:
    """Return what a person answered for each booking, on all of their records; the latest booking first."""
    of_person = ScreeningResponse.patient_id.in_(patients.list_record_ids(patient_id))
    statement = select(ScreeningResponse).where(of_person).order_by(ScreeningResponse.id.desc())
    responses = db.session.scalars(statement).all()
    keys = [response.history_key for response in responses if response.history_key]
    by_key = {
        key: list(rows)
        for key, rows in groupby(_submissions_by_key(keys), lambda each: each.history_key)
    }
    return [
        AnswerHistory(
            response, _own_submissions(response, by_key.get(response.history_key or "", []))
        )
        for response in responses
    ]


def list_question_texts(histories: Sequence[AnswerHistory]) -> dict[int, dict[str, str]]:
    """Return the questions as staff read them, by slug, for each version that was answered."""
    versions = {each.version for history in histories for each in history.submissions}
    rows = db.session.scalars(select(Questionnaire).where(Questionnaire.version.in_(versions)))
    return {
        row.version: {each["slug"]: str(each["texts"]["en"]) for each in row.questions}
        for row in rows
    }
