"""The forms of a page as a browser would send them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class PageForm:
    """One POST form of a page: where it goes, and what it carries unseen."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms, self.is_open = page, list[PageForm](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_open = given.get("method", "get").lower() == "post"
            if self.is_open:
                self.forms.append(PageForm(given.get("action") or self.page.partition("?")[0]))
        if tag == "input" and self.is_open and given.get("type") == "hidden":
            self.forms[-1].hidden[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.is_open = self.is_open and tag != "form"


def forms_on(text: str, page: str) -> list[PageForm]:
    """Return the POST forms in a page's text; one without an action goes to the page itself."""
    parser = _Forms(page)
    parser.feed(text)
    return parser.forms


def form_on(browser: FlaskClient, page: str, action: str) -> PageForm:
    """Return the form of a page that goes to `action`."""
    return next(form for form in forms_on(browser.get(page).text, page) if form.action == action)


def send(browser: FlaskClient, form: PageForm, typed: Mapping[str, object]) -> TestResponse:
    """Send a form with what was typed into it."""
    return browser.post(form.action, data={**form.hidden, **typed})
