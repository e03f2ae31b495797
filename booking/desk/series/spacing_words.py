"""Rules for spacing, what they propose and why, in words."""

from flask_babel import gettext as _

from booking.adaptive.models import ProposalStatus, SpacingProposal
from booking.adaptive.rules import ScoreEvidence, SpacingRule
from booking.desk.blueprint import blueprint


def describe_score_thresholds(rule: SpacingRule) -> str:
    """Return which scores lead which way."""
    good = _("good at %(points)s points or less", points=rule.good_score)
    if rule.good_fall is not None:
        good = _(
            "good at %(points)s points or less, or %(fall)s below the first",
            points=rule.good_score,
            fall=rule.good_fall,
        )
    worse = _("worse at %(rise)s above the lowest of the six before", rise=rule.worse_rise)
    return str(_("A score is %(good)s; %(worse)s.", good=good, worse=worse))


def describe_evidence(evidence: ScoreEvidence, proposal: SpacingProposal) -> str:
    """Return why a step is proposed: the good scores, or how far the newest has risen."""
    if proposal.to_days > proposal.from_days:
        return str(
            _(
                "The last two scores are good: %(before)s and %(newest)s.",
                before=evidence.before,
                newest=evidence.newest,
            )
        )
    return str(
        _(
            "The newest score, %(newest)s, is %(rise)s above the lowest of those before, %(lowest)s.",
            newest=evidence.newest,
            rise=evidence.rise,
            lowest=evidence.lowest,
        )
    )


def format_proposal_status(status: ProposalStatus) -> str:
    """Return what became of a proposal."""
    words: dict[ProposalStatus, str] = {
        ProposalStatus.OPEN: _("to be decided"),
        ProposalStatus.APPLIED: _("applied"),
        ProposalStatus.DECLINED: _("left as it was"),
        ProposalStatus.OUTDATED: _("outdated by newer scores or another rule"),
    }
    return words[status]


for _show in (describe_score_thresholds, describe_evidence, format_proposal_status):
    blueprint.add_app_template_filter(_show)
