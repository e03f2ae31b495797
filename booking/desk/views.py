"""The staff's pages, a module a page; importing one hangs its pages on the blueprint."""

from booking.desk import (
    again,
    alerts,
    by_phone,
    cadence,
    day,
    details,
    flags,
    giving_up,
    message_words,
    moving,
    newcomers,
    patient,
    placing,
    plan,
    prescribe,
    resuming,
    stopping,
    task_ways,
    tasks,
    trail,
    visits,
    words,
)
from booking.desk.blueprint import blueprint

PAGES = (
    *(day, visits, moving, newcomers, patient, by_phone),
    *(
        prescribe,
        plan,
        placing,
        giving_up,
        stopping,
        resuming,
        tasks,
        flags,
        alerts,
        details,
        again,
    ),
)
FILTERS = (words, message_words, cadence, task_ways)
HOOKS = (trail,)

__all__ = ["FILTERS", "HOOKS", "PAGES", "blueprint"]
