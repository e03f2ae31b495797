"""The set-up without a file: a form a section, which shows whom a change hurts before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.audit.rules import staff_actor
from booking.clinic.export import NothingLoaded, describe_clinic
from booking.clinic.operations import LoadResult
from booking.clinic.schema import ClinicFileError
from booking.clinic.sections import (
    ConsequencesChanged,
    Section,
    change_section,
    digest_affected,
    preview_section,
    section_version,
)
from booking.db.versions import StaleVersion, require_version
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import submitted_version
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.setup.consequences import list_changes, list_exchanged, list_impossible
from booking.desk.setup.fields import (
    FieldGroup,
    list_names,
    restore_row,
    with_problems,
    with_typed,
)
from booking.desk.setup.kinds import KINDS, REMINDERS, WHOLE, SetupKind
from booking.desk.setup.previews import list_previews
from booking.desk.setup.problem_words import explain_problem
from booking.desk.submitting import RedirectWithNotice, submit_once

APPLY = "apply"  # the button that does it, after the one that shows whom it hurts


@dataclass(frozen=True, slots=True)
class SetupPage:
    """One set-up form: what it is about, and how that stands."""

    kind_name: str
    slug: str
    kind: SetupKind
    clinic: dict[str, Any]
    current: Any

    @property
    def section(self) -> Section:
        """The section of the clinic file."""
        return self.kind.section(self.slug, request.form)

    @property
    def groups(self) -> Sequence[FieldGroup]:
        """The fields as things stand."""
        return self.kind.groups(self.current, self.clinic)

    def read_value(self) -> Any:
        """Return the section as it was typed. Raises `ClinicFileError`."""
        return self.kind.read(self.current, request.form, _today())


@blueprint.get("/setup/")
@access(Access.MANAGER)
def show_setup() -> str:
    """List the sections of the set-up; none where no clinic is loaded."""
    try:
        clinic = describe_clinic(clock.now())
    except NothingLoaded:
        clinic = None
    return render_template("desk/setup/setup.html", clinic=clinic, whole=WHOLE)


@blueprint.get("/setup/<setup_kind>/<setup_slug>")
@access(Access.MANAGER)
def edit_setup(setup_kind: str, setup_slug: str) -> str:
    """Show a section of the set-up as it stands."""
    page = _page_or_404(setup_kind, setup_slug)
    return _render(page, page.groups)


@blueprint.post("/setup/<setup_kind>/<setup_slug>")
@access(Access.MANAGER)
def change_setup(setup_kind: str, setup_slug: str) -> AnyResponse | str | tuple[str, int]:
    """Show which appointments a change hurts; pressed there, make it."""
    page = _page_or_404(setup_kind, setup_slug)
    filled = with_typed(page.groups, request.form)
    try:
        return _changed(page, filled)
    except ClinicFileError as refusal:
        return _refused(page, filled, refusal), 422
    except ConsequencesChanged as refusal:
        problem = str(_("Other visits would be hit by now than were shown. Look again."))
        return _render(page, filled, refusal.result, problem), 422
    except FORM_REFUSALS as refusal:
        if isinstance(refusal, StaleVersion):
            filled = _with_current(page, filled)
        return _render(page, filled, problem=explain_refusal(refusal)), 422


def _changed(page: SetupPage, filled: Sequence[FieldGroup]) -> AnyResponse | str:
    value = page.read_value()
    if request.form.get("step") == APPLY:
        return submit_once(lambda: _applied(page, value)).to_response()
    require_version(section_version(page.current), submitted_version())
    return _render(page, filled, preview_section(page.section, value, clock.now()), value=value)


def _applied(page: SetupPage, value: Any) -> RedirectWithNotice:
    shown_consequences, actor = request.form.get("shown_hurt", ""), staff_actor(current_user.id)
    change_section(page.section, value, submitted_version(), shown_consequences, clock.now(), actor)
    notice = str(_("Changed: %(title)s.", title=page.kind.title(page.current)))
    return RedirectWithNotice(url_for("desk.show_setup"), notice)


def _page_or_404(kind_name: str, slug: str) -> SetupPage:
    try:
        kind, clinic = KINDS[kind_name], describe_clinic(clock.now())
        return SetupPage(
            kind_name, slug, kind, clinic, kind.section(slug, request.form).find(clinic)
        )
    except (LookupError, NothingLoaded):
        abort(404)


def _refused(page: SetupPage, filled: Sequence[FieldGroup], refusal: ClinicFileError) -> str:
    """Say what is wrong at its field; what has none, at the top."""
    prefix = ".".join(part for part in (page.section.part, page.section.slug) if part) + "."
    located = [_locate(problem, prefix) for problem in refusal.problems]
    rows = page.kind.rows(request.form)
    staff_names = {person["slug"]: person["name"] for person in page.clinic["staff"]}
    pairs = [explain_problem(restore_row(path, rows), text, staff_names) for path, text in located]
    names = list_names(filled)
    at_the_top = " ".join(
        f"{path}: {text}".removeprefix(": ") for path, text in pairs if path not in names
    )
    return _render(page, with_problems(filled, pairs), problem=at_the_top)


def _locate(problem: str, prefix: str) -> tuple[str, str]:
    """Return the path below a section of what is wrong, and what is wrong there."""
    if problem.startswith(f"{prefix.removesuffix('.')}: "):
        return "", problem.partition(": ")[2]
    path, _colon, text = problem.removeprefix(prefix).partition(": ")
    return path, text


def _with_current(page: SetupPage, filled: Sequence[FieldGroup]) -> list[FieldGroup]:
    """Say at each field what stands there by now, where something else was typed."""
    standing = {each.name: each.value for group in page.groups for each in group.fields}
    pairs = [
        (each.name, str(_("It says now: %(value)s", value=standing[each.name] or "–")))
        for group in filled
        for each in group.fields
        if each.value != standing[each.name]
    ]
    return with_problems(filled, pairs)


def _today() -> date:
    return clock.local_date(clock.now(), last_used_location().zone.key)


def _render(
    page: SetupPage,
    groups: Sequence[FieldGroup],
    result: LoadResult | None = None,
    problem: str = "",
    value: Any = None,
) -> str:
    has_previews = page.kind_name == REMINDERS
    return render_template(
        "desk/setup/edit.html",
        title=page.kind.title(page.current),
        page=page,
        groups=groups,
        version=section_version(page.current),
        result=result,
        hurt=result and digest_affected(result),
        changes=list_changes(page.groups, groups) if result else [],
        impossible=list_impossible(result) if result else [],
        exchanged=list_exchanged(result) if result else [],
        previews=list_previews(value or page.current) if has_previews else [],
        problem=problem,
        apply=APPLY,
    )
