"""What `$find`, `$hold` and `$book` are asked with: a Parameters resource, read into our own API's terms."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from flask import request
from pydantic import BaseModel, ConfigDict, Field

from booking.interchange.fhir.ids import parse_reference
from booking.interchange.requests import read_json_object


class Part(BaseModel):
    """Part of a resource: what we don't read is left alone, as R4 lets a resource have much more."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Reference(Part):
    """A reference to a resource."""

    reference: str


class Parameter(Part):
    """One parameter: a value of one of these types, or a resource."""

    name: str
    uri: Annotated[str | None, Field(alias="valueUri")] = None
    referred: Annotated[Reference | None, Field(alias="valueReference")] = None
    instant: Annotated[str | None, Field(alias="valueDateTime")] = None
    boolean: Annotated[bool | None, Field(alias="valueBoolean", strict=True)] = None
    resource: dict[str, Any] | None = None

    @property
    def text(self) -> str | None:
        """The value as text, of the types that have one."""
        return self.uri or self.instant or (self.referred.reference if self.referred else None)


class Parameters(Part):
    """The input of an operation."""

    resource_type: Annotated[str, Field(alias="resourceType", pattern="^Parameters$")]
    parameter: list[Parameter] = []

    def find(self, name: str) -> Parameter | None:
        """Return the first parameter of a name."""
        return next((each for each in self.parameter if each.name == name), None)

    def texts(self, name: str) -> list[str]:
        """Return the values of all parameters of a name."""
        return [each.text for each in self.parameter if each.name == name and each.text]

    def resource(self, name: str) -> dict[str, Any]:
        """Return the resource of a name; an empty one where it is missing."""
        parameter = self.find(name)
        return (parameter.resource if parameter else None) or {}


class AppointmentBody(Part):
    """What we read of an Appointment that is to be held or booked: its slot."""

    slot: Annotated[list[Reference], Field(min_length=1, max_length=1)]


class HumanName(Part):
    """A person's name."""

    family: str | None = None
    given_names: Annotated[list[str], Field(alias="given")] = []


class ContactPoint(Part):
    """A phone number or an e-mail address."""

    system: str
    value: str


class PatientBody(Part):
    """Who it is for."""

    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    birth_date: Annotated[str | None, Field(alias="birthDate")] = None

    def to_own(self) -> dict[str, Any]:
        """Return the patient as our own API is told of one; it says what is missing."""
        name = self.name[0] if self.name else HumanName()
        contacts = {point.system: point.value for point in reversed(self.telecom)}
        values = {
            "given_name": " ".join(name.given_names) or None,
            "family_name": name.family,
            "birth_date": self.birth_date,
            "phone": contacts.get("phone") or contacts.get("sms"),
            "email": contacts.get("email"),
        }
        return {key: value for key, value in values.items() if value is not None}


class Answer(Part):
    """An answer to a yes/no question."""

    boolean: Annotated[bool, Field(alias="valueBoolean", strict=True)]


class Item(Part):
    """A question that was answered."""

    link_id: Annotated[str, Field(alias="linkId")]
    answer: Annotated[list[Answer], Field(min_length=1, max_length=1)]


class ResponseBody(Part):
    """The answers to the safety questions; `questionnaire` names their version after a bar."""

    questionnaire: Annotated[str, Field(pattern=r"\|[0-9]{1,9}$")]
    item: list[Item] = []

    def to_own(self) -> dict[str, Any]:
        """Return the answers as our own API is told them."""
        answers = {item.link_id: item.answer[0].boolean for item in self.item}
        return {"version": int(self.questionnaire.rpartition("|")[2]), "answers": answers}


def read_parameters() -> Parameters:
    """Return the request's Parameters. Raises `NotJson`, pydantic's `ValidationError`."""
    return Parameters.model_validate(read_json_object())


def read_find_parameters() -> Mapping[str, Sequence[str]]:
    """Return by name what `$find` is asked: of the address, or of a posted Parameters."""
    if request.method != "POST":
        return {name: request.args.getlist(name) for name in request.args}
    parameters = read_parameters()
    return {each.name: parameters.texts(each.name) for each in parameters.parameter}


def read_appointment_id(parameters: Parameters) -> str:
    """Return which appointment is meant: the id of a proposal, which is its slot's, or of a hold."""
    for text in parameters.texts("appt-id"):
        return parse_reference(text, "Appointment") if "/" in text else text
    body = AppointmentBody.model_validate(parameters.resource("appt-resource"))
    return parse_reference(body.slot[0].reference, "Slot")


def read_booking(parameters: Parameters) -> dict[str, Any]:
    """Return whom a booking is for and what they answered, as our own API is told it."""
    consent = parameters.find("sms-consent")
    return {
        "patient": PatientBody.model_validate(parameters.resource("patient-resource")).to_own(),
        "screening": ResponseBody.model_validate(parameters.resource("screening")).to_own(),
        "sms_consent": bool(consent and consent.boolean),
    }
