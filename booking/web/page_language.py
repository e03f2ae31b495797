"""A page's language: what the person chose, else what is kept with them, else what the browser prefers.

The choice is a cookie of its own, kept for a year: no row of ours, and no proof of anything. A link with
`?lang=es` makes it, as does the switch of a form, which comes back with what was typed.
"""

from datetime import timedelta
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, Response, current_app, g, has_request_context, redirect, request, url_for
from flask_babel import get_locale, refresh
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from booking.languages import LANGUAGES, STAFF_LANGUAGES
from booking.web.cookies import parse_cookie, set_cookie
from booking.web.security import PROGRAMS

COOKIE, PARAMETER = "language", "lang"
SWITCH = (
    "switch-language"  # the name of a form's button that sends it to be shown in another language
)
RETENTION = timedelta(days=365)
STAFF_PAGES = ("/desk", "/demo/")
OWN_NAMES = {"en": "English", "es": "Español"}  # each in itself


def init_app(app: Flask) -> None:
    """Obey the switch and offer it; tell caches what an answer depends on."""
    app.before_request(obey_switch)
    app.after_request(describe_language)
    app.add_template_global(other_languages)
    app.add_template_global(language_url)
    app.add_template_global(language_name)


def current_language() -> str:
    """Return the language of this request, of those that pages for its reader are in."""
    default_language = str(current_app.config["DEFAULT_LANGUAGE"])
    if not has_request_context():
        return default_language
    if request.path.startswith(STAFF_PAGES):
        return request.accept_languages.best_match(STAFF_LANGUAGES) or STAFF_LANGUAGES[0]
    return (
        g.get("language_choice")
        or g.get("language_on_file")
        or request.accept_languages.best_match(LANGUAGES)
        or default_language
    )


def obey_switch() -> AnyResponse | None:
    """Remember which language was chosen, by now; a link that chooses one leads to the same page in it."""
    if request.path.startswith((*PROGRAMS, *STAFF_PAGES)):
        return None
    if request.method == "POST":
        g.new_language = _valid(request.form.get(SWITCH))
    elif PARAMETER in request.args:
        g.new_language = _valid(request.args[PARAMETER])
        return redirect(_address(request.path))
    g.language_choice = g.get("new_language") or _valid(parse_cookie(COOKIE))
    return None


def _valid(code: str | None) -> str | None:
    return code if code in LANGUAGES else None


def is_language_switch() -> bool:
    """Tell whether a form was sent by its switch alone: it is to be shown again as it was filled in."""
    return SWITCH in request.form


def describe_language(response: Response) -> Response:
    """Say which language an answer is in and what that depended on; keep what was chosen."""
    if request.path.startswith("/static/"):
        return response
    response.headers["Content-Language"] = current_language()
    depends_on = (
        "Accept-Language" if request.path.startswith(PROGRAMS) else "Accept-Language, Cookie"
    )
    earlier = response.headers.get("Vary")
    response.headers["Vary"] = f"{earlier}, {depends_on}" if earlier else depends_on
    if language := g.get("new_language"):
        set_cookie(response, COOKIE, language, RETENTION)
    return response


def prefer_language(language: str) -> None:
    """Show this page in the language kept with a person, unless the visitor chose one.

    English says nothing: it may be what was on file before anybody asked.
    """
    if language in LANGUAGES and language != current_app.config["DEFAULT_LANGUAGE"]:
        g.language_on_file = language
        refresh()


def list_language_names() -> list[tuple[str, str]]:
    """Return each language that patients are written to in, by code, with its name as this page says it."""
    return [(code, language_name(code)) for code in LANGUAGES]


def language_name(code: str) -> str:
    """Return a language's name in the language of this page, like "Spanish"."""
    return str(Locale.parse(code).get_display_name(get_locale()))


def other_languages() -> list[tuple[str, str]]:
    """Return the other languages that this page is in, by code, each under its own name."""
    return [(code, OWN_NAMES[code]) for code in LANGUAGES if code != str(get_locale())]


def language_url(language: str) -> str:
    """Return the address of this page in a language; of the first page for one that only takes forms."""
    try:
        current_app.create_url_adapter(request).match(request.path, method="GET")  # type: ignore[union-attr]  # a request has one
    except HTTPException:
        return f"{url_for('site.show_start')}?{urlencode({PARAMETER: language})}"
    return _address(request.path, (PARAMETER, language))


def _address(path: str, *more: tuple[str, str]) -> str:
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != PARAMETER]
    query = urlencode([*pairs, *more])
    return f"{path}?{query}" if query else path
