"""One form of the desk, as a test fills it in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask.testing import FlaskClient

from tests.builders import Clinic
from tests.desk.page_forms import PageForm, form_on


@dataclass(frozen=True)
class Scenario:
    """A page, the address its form goes to, and what is typed into it."""

    page: str
    action: str
    typed: Mapping[str, object] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """What is typed and can be seen again: no password."""
        return [
            str(text)
            for name, text in self.typed.items()
            if name != "password" and not isinstance(text, list)
        ]

    def form(self, browser: FlaskClient) -> PageForm:
        return form_on(browser, self.page, self.action)


Prepare = Callable[[Clinic, FlaskClient], Scenario]
