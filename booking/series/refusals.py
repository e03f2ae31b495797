"""Why a series is not prescribed, planned or booked."""


class PractitionerRequired(PermissionError):
    """Only a practitioner prescribes."""


class ReasonRequired(Exception):
    """A practitioner decided against a rule and gave no reason."""


class SeriesInProgress(Exception):
    """The patient has a series that goes on, `series_id`: it is stopped, or over, before another one."""

    def __init__(self, series_id: int) -> None:
        super().__init__(series_id)
        self.series_id = series_id


class SeriesNotPending(Exception):
    """The series or session is booked already, or stopped: there is nothing left to plan or place."""


class InvalidChange(ValueError):
    """A series can't be changed so: `field` is the day or number at fault, or a code."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class PlanChanged(Exception):
    """The chosen plan no longer keeps every rule, since something was booked meanwhile; plan again."""
