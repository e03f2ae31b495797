"""Spacing by scores: what a rule proposes beside what is booked, and a practitioner's decision on it."""

from collections.abc import Sequence

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.adaptive import operations as adaptive
from booking.adaptive.models import SpacingProposal
from booking.adaptive.queries import (
    find_open_proposal,
    find_order,
    get_rule,
    list_answered_forms,
    list_proposals,
    read_score,
)
from booking.adaptive.rules import ScoreEvidence, SpacingRule, read_evidence
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_spacing_version, spacing_version
from booking.desk.refusals import explain_stale_version
from booking.desk.series.change_forms import typed_in_address
from booking.desk.series.change_rows import list_change_rows
from booking.desk.series.changing import (
    preview_or_reason,
    render_change,
    series_address,
    series_or_404,
    submit_change,
    today_at,
)
from booking.desk.series.spacing_forms import SUGGESTED, SpacingDecisionForm, SpacingRuleForm
from booking.mood.queries import draw_series_scores, find_schedule
from booking.series.frequencies import nearest_frequency_days
from booking.series.frequency_changes import preview_frequency
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.queries import get_phases
from booking.series.revisions import is_rolling
from booking.series.tails import Tail
from booking.staff.queries import get_staff_names

APPLY = "apply"


def spacing_address(series: InfusionSeries) -> str:
    """Return where a series' spacing is proposed and decided."""
    return url_for("desk.show_spacing", series_id=series.id)


@blueprint.get("/series/<int:series_id>/spacing")
@access(Access.PRACTITIONER)
def show_spacing(series_id: int) -> AnyResponse | str | tuple[str, int]:
    """Show the scores, and what is proposed beside what is booked, from the day in the address on."""
    series = series_or_404(series_id)
    if series.status is not SeriesStatus.ACTIVE or not is_rolling(series):
        return redirect(series_address(series))
    if not request.args:
        form = SpacingDecisionForm(formdata=None, data={"first_day": today_at(series)})
        return _page(series, form)
    form = SpacingDecisionForm(**typed_in_address())
    return _page(series, form) if form.is_shown(today_at(series)) else (_page(series, form), 422)


@blueprint.post("/series/<int:series_id>/spacing")
@access(Access.PRACTITIONER)
def decide_spacing(series_id: int) -> AnyResponse | tuple[str, int]:
    """Apply what is proposed, as it was shown, or decline it."""
    series, form = series_or_404(series_id), SpacingDecisionForm()
    if not (form.is_shown(today_at(series)) and form.validate()):
        return _page(series, form, explain_stale_version(spacing_version(series_id))), 422
    return submit_change(
        series,
        lambda: _decided(series, form),
        lambda problem: _page(series, form, problem),
        require_version=require_spacing_version,
        address=spacing_address,
    )


def _decided(series: InfusionSeries, form: SpacingDecisionForm) -> str:
    reason, by, now = (form.reason.data or "").strip(), current_user.id, clock.now()
    if request.form.get("decision") == APPLY:
        adaptive.apply_proposal(
            series.id, form.chosen_day, by, now,
            reason=reason, expected_key=request.form.get("plan", ""),
        )  # fmt: skip
        return str(_("The proposed spacing is applied."))
    adaptive.decline_proposal(series.id, by, now, reason=reason)
    return str(_("The spacing stays as it is."))


def _page(series: InfusionSeries, form: SpacingDecisionForm, problem: str = "") -> str:
    series = series_or_404(series.id)
    order, proposal = find_order(series.id), find_open_proposal(series.id)
    rule = get_rule(order) if order else None
    tail: Tail | None = None
    obstacle = ""
    if proposal is not None and not form.first_day.errors:
        to_days = proposal.to_days
        tail, obstacle = preview_or_reason(
            lambda: preview_frequency(series, to_days, form.chosen_day, clock.now())
        )
    proposals = list_proposals(series.id)
    return render_change(
        "desk/series/spacing.html", series, form, problem or obstacle,
        order=order, rule=rule, proposal=proposal, tail=tail,
        rows=list_change_rows(series, tail.remaining, tail.cancelled, tail.added, tail.holes)
        if tail else [],
        evidence=_read_evidence(series, rule, proposal),
        proposals=proposals, names=_names(order.ordered_by_id if order else 0, proposals),
        chart=draw_series_scores(series), asks=find_schedule(series.id) is not None,
        current=nearest_frequency_days(get_phases(series)[-1].gap),
    )  # fmt: skip


def _read_evidence(
    series: InfusionSeries, rule: SpacingRule | None, proposal: SpacingProposal | None
) -> ScoreEvidence | None:
    """Return what of the scores led to a proposal: those up to the form that it came with."""
    if rule is None or proposal is None:
        return None
    forms = list_answered_forms(series.id)
    last = next(index for index, form in enumerate(forms) if form.id == proposal.form_id)
    return read_evidence([read_score(form) for form in forms[: last + 1]])


def _names(ordered_by_id: int, proposals: Sequence[SpacingProposal]) -> dict[int, str]:
    return get_staff_names({ordered_by_id, *(each.decided_by_id or 0 for each in proposals)})


@blueprint.get("/series/<int:series_id>/spacing/rule")
@access(Access.PRACTITIONER)
def edit_spacing_rule(series_id: int) -> AnyResponse | str:
    """Show the rule in force, or the numbers suggested, to be set as the series' own."""
    series = series_or_404(series_id)
    if series.status is not SeriesStatus.ACTIVE or not is_rolling(series):
        return redirect(series_address(series))
    order = find_order(series.id)
    numbers = get_rule(order).to_dict() if order else SUGGESTED
    return _rule_page(series, SpacingRuleForm(formdata=None, data=numbers).set_choices())


@blueprint.post("/series/<int:series_id>/spacing/rule")
@access(Access.PRACTITIONER)
def set_spacing_rule(series_id: int) -> AnyResponse | tuple[str, int]:
    """Set the rule; what another proposed is taken back."""
    series, form = series_or_404(series_id), SpacingRuleForm().set_choices()
    rule = form.validated_rule()
    if rule is None:
        return _rule_page(series, form, explain_stale_version(spacing_version(series_id))), 422
    return submit_change(
        series,
        lambda: _set(series, rule, form),
        lambda problem: _rule_page(series, form, problem),
        require_version=require_spacing_version,
        address=spacing_address,
    )


def _set(series: InfusionSeries, rule: SpacingRule, form: SpacingRuleForm) -> str:
    reason = (form.reason.data or "").strip()
    adaptive.set_rule(series.id, rule, current_user.id, clock.now(), reason=reason)
    return str(_("The rule is set. It proposes, and changes nothing by itself."))


@blueprint.post("/series/<int:series_id>/spacing/rule/end")
@access(Access.PRACTITIONER)
def end_spacing_rule(series_id: int) -> AnyResponse | tuple[str, int]:
    """Propose nothing more for a series; its spacing stays as it is."""
    series, form = series_or_404(series_id), SpacingRuleForm(formdata=None, data=SUGGESTED)

    def end() -> str:
        adaptive.end_rule(series.id, current_user.id, clock.now())
        return str(_("Nothing more is proposed."))

    return submit_change(
        series,
        end,
        lambda problem: _rule_page(series, form.set_choices(), problem),
        require_version=require_spacing_version,
        address=spacing_address,
    )


def _rule_page(series: InfusionSeries, form: SpacingRuleForm, problem: str = "") -> str:
    series = series_or_404(series.id)
    return render_change(
        "desk/series/spacing_rule.html", series, form, problem,
        order=find_order(series.id), asks=find_schedule(series.id) is not None,
    )  # fmt: skip
