"""A clinic whose questions are asked as one list."""

from booking.calendars.models import CatalogueVersion
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening.models import Questionnaire
from booking.screening.rules import ScreeningOutcome, ScreeningQuestion
from tests.builders import NOW


def ask_in_a_list() -> None:
    """Ask from now on what is flagged as one list, in English and Spanish."""
    lines = {
        "pregnancy": {"en": "Pregnant, or could be", "es": "Embarazo, o posible embarazo"},
        "heart": {"en": "Heart disease", "es": "Enfermedad del corazón"},
    }
    single = db.session.get_one(Questionnaire, 1).questions[:2]
    listed = [
        ScreeningQuestion(slug, {"en": f"{slug}?"}, ScreeningOutcome.FLAGGED, line).to_dict()
        for slug, line in lines.items()
    ]
    with transaction():
        db.session.add(
            Questionnaire(
                version=2, digest="2" * 64, approved_by="Test", questions=[*single, *listed],
                created_at=NOW,
            )
        )  # fmt: skip
        db.session.get_one(CatalogueVersion, 1).version += 1
