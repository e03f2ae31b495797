"""The service as it would be if something asked the database before the workers are forked."""

import os
from typing import Any

from sqlalchemy import event, text

from booking.access import Access, access
from booking.extensions import db
from wsgi import app

LOADED_BY = os.getpid()


def record_process(_connection: Any, record: Any) -> None:
    """Keep which process opened a connection."""
    record.info["process"] = os.getpid()


@app.get("/processes")
@access(Access.PUBLIC)
def show_processes() -> dict[str, int]:
    """Return who answers, who opened the connection that is used for it, and who loaded the app."""
    opened_by = db.session.connection().info["process"]
    return {"answers": os.getpid(), "connected": opened_by, "loaded": LOADED_BY}


with app.app_context():
    event.listen(db.engine, "connect", record_process)
    db.session.execute(text("SELECT 1"))
    db.session.remove()
