"""The clinic's calendar in HL7 FHIR R4, for programs that know nothing of our own API."""
