"""Where an appointment's messages go, and what a person checks when that differs from the record."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, delete, select, update

from booking.appointments import operations as appointment_operations
from booking.appointments.callbacks import compute_callback_deadline
from booking.appointments.models import Appointment, AppointmentContact
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.operations import IdentifiedPatient
from booking.patients.rules import Contact
from booking.screening import flags
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind


@transaction()
def save_appointment_contact(
    appointment: Appointment, identity: IdentifiedPatient, contact: Contact, now: datetime
) -> None:
    """Keep what was typed online as the appointment's own contact.

    Where it differs from the record, or the record is doubtful, the desk gets a task; the visitor is told
    nothing of it (invariant 14).
    """
    values = {**contact.to_dict(), "appointment_id": appointment.id}
    del values["preferred_name"]  # asked by people alone
    db.session.add(AppointmentContact(**values))
    if identity.possible_duplicate_ids or differs_from_record(identity.patient, contact):
        location = availability.current_catalogue().locations_by_id[appointment.location_id]
        tasks.open_task(
            TaskKind.CHECK_RECORD,
            Owner.FRONT_DESK,
            "appointment",
            appointment.id,
            min(compute_callback_deadline(location, now).at, appointment.starts_at),
            now,
            doubtful=list(identity.possible_duplicate_ids),
        )


def differs_from_record(patient: Patient, contact: Contact) -> bool:
    """Tell whether somebody typed a phone or an e-mail that is not the one on file."""
    new_email = contact.email is not None and contact.email != patient.email
    return contact.phone != patient.phone or new_email


def get_contact(appointment: Appointment, patient: Patient) -> Contact:
    """Return whom an appointment's messages address, and where: as typed for it, else as on file.

    What the record calls them goes to nobody but who is reached as it says.
    """
    entered = contacts_by_appointment([appointment.id]).get(appointment.id)
    if entered is None:
        return patient.contact
    is_reached_as_on_file = not differs_from_record(patient, entered)
    return (
        replace(entered, preferred_name=patient.preferred_name)
        if is_reached_as_on_file
        else entered
    )


def get_language(appointment: Appointment) -> str:
    """Return the language in which whoever an appointment is for is written to."""
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id))
    return get_contact(appointment, patient).language


def contacts_by_appointment(appointment_ids: Collection[int]) -> dict[int, Contact]:
    """Return, by appointment, what was typed for it; those booked at the desk have none."""
    rows = select(AppointmentContact).where(AppointmentContact.appointment_id.in_(appointment_ids))
    return {row.appointment_id: row.contact for row in db.session.scalars(rows)}


@transaction()
def copy_contact_to_patient(appointment_id: int, staff_id: int, now: datetime) -> bool:
    """Put what was typed for an appointment on file; False when it is no longer kept."""
    appointment = db.session.get_one(Appointment, appointment_id, with_for_update=True)
    contact = db.session.get(AppointmentContact, appointment_id)
    if contact is None or appointment.patient_id is None:
        return False
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id))
    flags.attach_matching_flags(patient.id)
    new_contact = replace(
        patient.contact, phone=contact.phone, email=contact.email or patient.email
    )
    editing.update_patient(patient.id, new_contact, patient.birth_date, staff_id, now)
    delete_upcoming_contacts(patient.id, staff_actor(staff_id), now)
    return True


@transaction()
def delete_contact(appointment_id: int, actor: str, now: datetime) -> None:
    """Send an appointment's messages to what is on file: what was typed for it was mistaken."""
    contact = db.session.get(AppointmentContact, appointment_id)
    appointment = db.session.get_one(Appointment, appointment_id, with_for_update=True)
    if contact is not None and appointment.patient_id is not None:
        db.session.delete(contact)
        audit.record(actor, "drop_contact", "appointment", appointment_id, now)
        appointment_operations.mark_upcoming_changed(appointment.patient_id, now)
    tasks.close_fulfilled_task(TaskKind.CHECK_RECORD, "appointment", appointment_id, now)


@transaction()
def delete_upcoming_contacts(patient_id: int, actor: str, now: datetime) -> None:
    """Send the messages of all coming appointments to what is on file: a person has just checked it."""
    upcoming = _upcoming_appointment_ids(patient_id, now)
    deletion = delete(AppointmentContact).where(AppointmentContact.appointment_id.in_(upcoming))
    appointment_ids = deletion.returning(AppointmentContact.appointment_id)
    for appointment_id in db.session.scalars(appointment_ids).all():
        audit.record(actor, "drop_contact", "appointment", appointment_id, now)
        tasks.close_fulfilled_task(TaskKind.CHECK_RECORD, "appointment", appointment_id, now)
    tasks.close_fulfilled_task(TaskKind.MEND_CONTACT, "patient", patient_id, now)
    appointment_operations.mark_upcoming_changed(patient_id, now)


@transaction()
def set_upcoming_language(patient_id: int, language: str, now: datetime) -> None:
    """Write in `language` of all coming appointments, those with what was typed for them too."""
    upcoming = _upcoming_appointment_ids(patient_id, now)
    of_upcoming = AppointmentContact.appointment_id.in_(upcoming)
    db.session.execute(update(AppointmentContact).where(of_upcoming).values(language=language))


def _upcoming_appointment_ids(patient_id: int, now: datetime) -> Select[int]:
    return select(Appointment.id).where(
        Appointment.patient_id.in_(patients.list_record_ids(patient_id)),
        Appointment.starts_at > now,
    )
