"""A QuestionnaireResponse that is sent to us: each safety question answered once, with yes or no.

Nothing in it is overlooked: what could take an answer back is refused.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from booking.interchange.fhir.received import Part
from booking.interchange.fhir.resources import questionnaire_url

VERSION = re.compile(r"[0-9]{1,9}")


class AnswerPart(BaseModel):
    """Part of what was answered, without others in it."""

    model_config = ConfigDict(extra="forbid")

    id: Any = None
    extension: Any = None


class Answer(AnswerPart):
    """An answer to a yes/no question."""

    boolean: Annotated[bool, Field(alias="valueBoolean", strict=True)]


class Item(AnswerPart):
    """A question that was answered."""

    link_id: Annotated[str, Field(alias="linkId")]
    definition: Any = None
    text: Any = None
    answer: Annotated[list[Answer], Field(min_length=1, max_length=1)]


def require_each_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Refuse two answers to one question: which was meant, nobody knows."""
    if len({item.link_id for item in items}) < len(items):
        raise ValueError("expected each linkId once")
    return items


def require_own_questionnaire(canonical: str) -> str:
    """Refuse answers to other questions than ours, and those that don't say to which version."""
    url, _bar, version = canonical.rpartition("|")
    if url != questionnaire_url() or not VERSION.fullmatch(version):
        raise ValueError(f"expected {questionnaire_url()}| and the version that was answered")
    return canonical


class ResponseBody(Part):
    """The answers to the safety questions; `questionnaire` names their version after a bar."""

    resource_type: Annotated[Literal["QuestionnaireResponse"], Field(alias="resourceType")]
    status: Literal["completed", "amended"]
    questionnaire: Annotated[str, AfterValidator(require_own_questionnaire)]
    item: Annotated[tuple[Item, ...], AfterValidator(require_each_once)] = ()

    def to_own(self) -> dict[str, Any]:
        """Return the answers as our own API is told them."""
        answers = {item.link_id: item.answer[0].boolean for item in self.item}
        return {"version": int(self.questionnaire.rpartition("|")[2]), "answers": answers}
