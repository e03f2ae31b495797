"""All that is answered below /fhir/."""

from booking.interchange.fhir import lists, outcomes, own_appointment, scheduling
from booking.interchange.fhir.blueprint import blueprint

__all__ = ["blueprint", "lists", "outcomes", "own_appointment", "scheduling"]  # importing adds them
