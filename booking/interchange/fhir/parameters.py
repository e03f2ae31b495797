"""What `$find`, `$hold` and `$book` are asked with: a Parameters resource, read into our own API's terms.

A parameter that isn't read is refused, as is one of another type or twice: so none is overlooked.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from flask import request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import MultiDict

from booking import clock
from booking.calendars import availability
from booking.interchange.fhir.ids import parse_reference
from booking.interchange.fhir.patient_bodies import PatientBody
from booking.interchange.fhir.received import Part, Reference
from booking.interchange.fhir.response_bodies import ResponseBody
from booking.interchange.fhir.searching import ProposalSearch, parse_search_arguments
from booking.interchange.requests import parse_json_object

TIMES, REFERENCES = ("valueDateTime", "valueInstant", "valueDate"), ("valueReference", "valueUri")
FIND_TYPES = {"start": TIMES, "end": TIMES, "location-reference": REFERENCES}
BOOK_TYPES = {  # of `$hold`, too
    "appt-id": (*REFERENCES, "valueId"),
    "appt-resource": ("resource",),
    "patient-resource": ("resource",),
    "screening": ("resource",),
    "sms-consent": ("valueBoolean",),
}
COMMON = ("id", "extension")  # members that any element may have
REPEATABLE = ("location-reference",)
JSON_TYPES = {
    "valueBoolean": bool,
    "valueReference": dict,
    "resource": dict,
}  # the others are texts
Values = Mapping[str, Any]  # of the parameters, by name


class ParameterRefused(ValueError):
    """A parameter that is missing, isn't read here, or isn't as it is read; `detail` says which."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name
        self.detail = detail


class Parameter(BaseModel):
    """One parameter: its members by name."""

    model_config = ConfigDict(extra="allow")

    name: str

    def read(self, types: Collection[str]) -> Any:
        """Return the value, a reference as its text. Raises `ParameterRefused`."""
        values = {
            name: value for name, value in (self.model_extra or {}).items() if name not in COMMON
        }
        member, value = next(iter(values.items()), ("", None))
        is_read = member in types and isinstance(value, JSON_TYPES.get(member, str))
        if not is_read or len(values) > 1:
            raise ParameterRefused(self.name, "expected " + " or ".join(types))
        return Reference.model_validate(value).reference if member == "valueReference" else value


class Parameters(Part):
    """The input of an operation."""

    resource_type: Annotated[Literal["Parameters"], Field(alias="resourceType")]
    parameter: tuple[Parameter, ...] = ()

    def read(self, types: Mapping[str, Collection[str]]) -> MultiDict[str, Any]:
        """Return the values by name. Raises `ParameterRefused`."""
        values = MultiDict[str, Any]()
        for parameter in self.parameter:
            name = parameter.name
            if name not in types:
                raise ParameterRefused(name, "expected " + ", ".join(types))
            if name in values and name not in REPEATABLE:
                raise ParameterRefused(name, "expected once")
            values.add(name, parameter.read(types[name]))
        return values


class AppointmentBody(Part):
    """What we read of an Appointment that is to be held or booked: its slot."""

    resource_type: Annotated[Literal["Appointment"], Field(alias="resourceType")]
    slot: Annotated[list[Reference], Field(min_length=1, max_length=1)]


class BookingBody(BaseModel):
    """Whom a booking is for, and what they answered; named as an outcome names where something is wrong."""

    patient: Annotated[PatientBody, Field(alias="Patient")]
    response: Annotated[ResponseBody, Field(alias="QuestionnaireResponse")]


def parse_parameters(types: Mapping[str, Collection[str]]) -> MultiDict[str, Any]:
    """Return the values of the request's Parameters.

    Raises `NotJson`, `ParameterRefused`, pydantic's `ValidationError`.
    """
    return Parameters.model_validate(parse_json_object()).read(types)


def parse_proposal_search() -> ProposalSearch:
    """Return what `$find` is asked: of the address, and of a posted Parameters."""
    arguments: MultiDict[str, Any] = MultiDict(request.args)
    if request.method == "POST":
        arguments.update(parse_parameters(FIND_TYPES))
    return parse_search_arguments(ProposalSearch, arguments)


def parse_appointment_id(values: Values) -> str:
    """Return which appointment is meant: the id of a proposal, which is its slot's, or of a hold."""
    if ("appt-id" in values) == ("appt-resource" in values):
        raise ParameterRefused("appt-id", "expected appt-id or appt-resource")
    if "appt-resource" in values:
        body = AppointmentBody.model_validate(values["appt-resource"])
        return parse_reference(body.slot[0].reference, "Slot")
    text: str = values["appt-id"]
    return parse_reference(text, "Appointment") if "/" in text else text


def parse_booking(values: Values) -> dict[str, Any]:
    """Return whom a booking is for and what they answered, as our own API is told it."""
    for name in ("patient-resource", "screening"):
        if name not in values:
            raise ParameterRefused(name, "expected a resource")
    resources = {
        "Patient": values["patient-resource"],
        "QuestionnaireResponse": values["screening"],
    }
    body = BookingBody.model_validate(resources)
    return {
        "patient": body.patient.to_own(availability.get_clinic_date(clock.now())),
        "screening": body.response.to_own(),
        "sms_consent": values.get("sms-consent", False),
    }
