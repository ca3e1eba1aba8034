"""Labels of the fixed values of exchange in the reader's language, and texts of the library's errors."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.shell.labels import LABELS, Label

PRACTICE_STATUSES: dict[str, Label] = {
    "draft": pgettext_lazy("status of a practice", "draft"),
    "in_review": pgettext_lazy("status of a practice", "in review"),
    "sent_back": pgettext_lazy("status of a practice", "sent back"),
    "published": pgettext_lazy("status of a practice", "published"),
    "retired": pgettext_lazy("status of a practice", "retired"),
}
PRACTICE_ORIGINS: dict[str, Label] = {
    "member": _("written by a member"),
    "praise": _("welcomed in a monitoring report"),
    "import": _("imported"),
}
EVIDENCE_LEVELS: dict[str, Label] = {
    "described": pgettext_lazy("evidence level", "described"),
    "monitored": pgettext_lazy("evidence level", "monitored"),
    "evaluated": pgettext_lazy("evidence level", "evaluated"),
    "compared": pgettext_lazy("evidence level", "compared"),
    "repeated": pgettext_lazy("evidence level", "repeated"),
}
EVIDENCE_LEVEL_MEANINGS: dict[str, Label] = {
    "described": _("Only described by its organisation. There are no figures yet on whether it works."),
    "monitored": _("Figures are collected over time, without a comparison."),
    "evaluated": _("Someone outside the organisation has evaluated it."),
    "compared": _("Results were compared with places or times without it."),
    "repeated": _("Evaluations in more than one place found that it works."),
}
REVIEW_CHECKS: dict[str, Label] = {
    "one_problem": _("It describes how one problem was solved."),
    "went_wrong": _("It says what went wrong."),
    "results_supported": _("The evidence level fits the results and their sources."),
    "conditions": _("It says what others need to have in place."),
    "no_shelter_address": _("It does not reveal where a shelter is: not in the text, a caption or a file."),
    "no_method_for_offenders": _("It contains nothing that helps offenders."),
    "no_recognisable_person": _("No one can be recognised in it."),
}
REVIEW_VERDICTS: dict[str, Label] = {
    "approve": pgettext_lazy("verdict of a reviewer", "approve"),
    "send_back": pgettext_lazy("verdict of a reviewer", "send back"),
    "conflict": pgettext_lazy("verdict of a reviewer", "step back because of a conflict of interest"),
}
REQUEST_STATUSES: dict[str, Label] = {
    "open": pgettext_lazy("status of a request for help", "open"),
    "in_hand": pgettext_lazy("status of a request for help", "in hand"),
    "answered": pgettext_lazy("status of a request for help", "answered"),
    "helped": pgettext_lazy("status of a request for help", "it helped"),
    "partly": pgettext_lazy("status of a request for help", "it helped in part"),
    "not_helped": pgettext_lazy("status of a request for help", "it did not help"),
    "ended": pgettext_lazy("status of a request for help", "ended without an answer"),
    "withdrawn": pgettext_lazy("status of a request for help", "withdrawn"),
}
HELP_FORMS: dict[str, Label] = {
    "answer": _("a written answer"),
    "call": _("a call of one to two hours"),
    "peer_review": _("a peer review"),
    "study_visit": _("a study visit"),
}
SHOWN_AS: dict[str, Label] = {
    "name": pgettext_lazy("who is shown as asking", "my name and organisation"),
    "organisation": pgettext_lazy("who is shown as asking", "my organisation only"),
    "country": pgettext_lazy("who is shown as asking", "my country only"),
    "no_one": pgettext_lazy("who is shown as asking", "no one: only the secretariat sees who asks"),
}
# the same, for the secretariat that reads or enters a member's request, and for those who reply
SHOWN_AS_OF_MEMBER: dict[str, Label] = {
    "name": pgettext_lazy("who is shown as asking", "name and organisation"),
    "organisation": pgettext_lazy("who is shown as asking", "organisation only"),
    "country": pgettext_lazy("who is shown as asking", "country only"),
    "no_one": SHOWN_AS["no_one"],
}
SHOWN_AS_REPLYING: dict[str, Label] = {
    **SHOWN_AS, "no_one": pgettext_lazy("who is shown as replying", "no one: only the secretariat sees who replies"),
}  # fmt: skip
OFFER_STATUSES: dict[str, Label] = {
    "open": pgettext_lazy("status of an offer", "open"),
    "paused": pgettext_lazy("status of an offer", "paused"),
    "ended": pgettext_lazy("status of an offer", "ended"),
}
INTRODUCTION_STATUSES: dict[str, Label] = {
    "proposed": pgettext_lazy("status of an introduction", "proposed"),
    "invited": pgettext_lazy("status of an introduction", "both sides invited"),
    "half_accepted": pgettext_lazy("status of an introduction", "accepted by one side"),
    "introduced": pgettext_lazy("status of an introduction", "introduced"),
    "took_place": pgettext_lazy("status of an introduction", "took place"),
    "did_not_take_place": pgettext_lazy("status of an introduction", "did not take place"),
    "left": pgettext_lazy("status of an introduction", "one side has left"),
    "no_answer": pgettext_lazy("status of an introduction", "no answer"),
    "dropped": pgettext_lazy("status of an introduction", "dropped"),
}
ADOPTION_KINDS: dict[str, Label] = {
    "as_is": pgettext_lazy("kind of adoption", "as it is"),
    "adapted": pgettext_lazy("kind of adoption", "adapted"),
    "inspired": pgettext_lazy("kind of adoption", "inspired by it"),
}
ADOPTION_STATUSES: dict[str, Label] = {
    "considered": pgettext_lazy("status of an adoption", "considered"),
    "taken_up": pgettext_lazy("status of an adoption", "taken up"),
    "working": pgettext_lazy("status of an adoption", "working"),
    "given_up": pgettext_lazy("status of an adoption", "given up"),
}

LABELS.update(
    PracticeStatus=PRACTICE_STATUSES,
    PracticeOrigin=PRACTICE_ORIGINS,
    EvidenceLevel=EVIDENCE_LEVELS,
    evidence_meaning=EVIDENCE_LEVEL_MEANINGS,
    ReviewCheck=REVIEW_CHECKS,
    ReviewVerdict=REVIEW_VERDICTS,
    RequestStatus=REQUEST_STATUSES,
    HelpForm=HELP_FORMS,
    ShownAs=SHOWN_AS,
    ShownAsOfMember=SHOWN_AS_OF_MEMBER,
    OfferStatus=OFFER_STATUSES,
    IntroductionStatus=INTRODUCTION_STATUSES,
    AdoptionKind=ADOPTION_KINDS,
    AdoptionStatus=ADOPTION_STATUSES,
)

# (message, advice) of each error of the library, by its code.
ERROR_TEXTS: dict[str, tuple[Any, ...]] = {
    "practice_act_not_possible": (
        _("This step is not possible: the practice has another status."),
        _("Reload the page: someone may have changed it in the meantime."),
    ),
    "reviews_missing": (
        _("Two peers of other organisations have to approve this text first."),
        _("Ask someone of another organisation to review it."),
    ),
    "practice_incomplete": (
        _("The practice is not complete. Missing: %(fields)s."),
        _("Fill in what is missing. A practice that does not say what went wrong cannot be published."),
    ),
    "request_act_not_possible": (
        _("This step is not possible: the request has another status."),
        _("Reload the page: someone may have changed it in the meantime."),
    ),
    "introduction_act_not_possible": (
        _("This step is not possible: the introduction has another status."),
        _("Reload the page: the other side may have acted in the meantime."),
    ),
    "adoption_step_not_possible": (
        _("This step is not possible: the adoption has another status, or the evidence or reason is missing."),
        _("Reload the page. An adoption that works needs evidence, one that is given up a reason."),
    ),
}
