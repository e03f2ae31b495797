"""The staff's pages, a module a page; importing one hangs its pages on the blueprint."""

from booking.desk import access_audit, answer_words, lists, message_words, reopened_forms, words
from booking.desk.appointments import (
    by_phone,
    lengthening,
    messages,
    moving,
    undoable,
    undoing,
    waiting,
)
from booking.desk.appointments import views as appointment_views
from booking.desk.audit import views as audit_views
from booking.desk.blueprint import blueprint
from booking.desk.day import board_views, calendar_views, now_views, now_words
from booking.desk.day import views as day_views
from booking.desk.feeds import views as feed_views
from booking.desk.measures import capacity
from booking.desk.measures import views as measure_views
from booking.desk.measures import words as measure_words
from booking.desk.on_call import views as on_call_views
from booking.desk.outages import calling, case_page
from booking.desk.outages import views as outage_views
from booking.desk.outages import words as outage_words
from booking.desk.patients import details, erasing, exporting, flags, merging, new_patient, notes
from booking.desk.patients import views as patient_views
from booking.desk.patients import words as patient_words
from booking.desk.schedule_templates import editing, retiring, showing, signing
from booking.desk.schedule_templates import words as schedule_words
from booking.desk.series import (
    after_pause,
    authorisations,
    away,
    change_words,
    ending,
    frequency,
    giving_up,
    healing,
    mood_forms,
    own_phases,
    pausing,
    picking,
    placing,
    plan,
    prescribing,
    progress,
    resuming,
    spacing,
    spacing_words,
    stopping,
)
from booking.desk.series import words as series_words
from booking.desk.setup import views as setup_views
from booking.desk.tasks import alerts, assigning, links
from booking.desk.tasks import views as task_views
from booking.desk.tasks import words as task_words
from booking.desk.texts import views as text_views
from booking.desk.webhooks import views as webhook_views
from booking.desk.webhooks import words as webhook_words
from booking.desk.why_not import override_words

PAGES = (
    *(
        day_views,
        now_views,
        board_views,
        calendar_views,
        appointment_views,
        moving,
        lengthening,
        messages,
        undoing,
        waiting,
    ),
    *(new_patient, patient_views, by_phone),
    *(prescribing, plan, placing, giving_up, stopping, resuming, mood_forms, authorisations),
    *(pausing, after_pause, frequency, ending, spacing, own_phases),
    *(healing, away, picking),
    *(outage_views, case_page, calling, feed_views),
    *(task_views, flags, alerts, details, reopened_forms, merging, notes),
    *(assigning, text_views, on_call_views, erasing),
    *(showing, editing, signing, retiring, progress, setup_views, webhook_views),
    *(audit_views, lists, exporting),
)
FILTERS = (
    *(words, answer_words, message_words, series_words, change_words, spacing_words),
    *(schedule_words, outage_words, patient_words, links, task_words, now_words, override_words),
    webhook_words,
)
HOOKS = (access_audit, undoable)
MEASURES = (capacity, measure_views, measure_words)

__all__ = ["FILTERS", "HOOKS", "MEASURES", "PAGES", "blueprint"]
