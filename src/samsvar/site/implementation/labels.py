"""Labels of the fixed values of implementation in the reader's language, and texts of the library's errors."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.shell.labels import LABELS, Label

PLAN_KINDS: dict[str, Label] = {
    "strategy": _("strategy"),
    "action_plan": _("action plan"),
    "law": pgettext_lazy("kind of plan", "law"),
}
MEASURE_KINDS: dict[str, Label] = {
    "law": pgettext_lazy("kind of measure", "law"),
    "policy": pgettext_lazy("kind of measure", "policy"),
    "service": pgettext_lazy("kind of measure", "service"),
    "training": pgettext_lazy("kind of measure", "training"),
    "data": pgettext_lazy("kind of measure", "data"),
    "awareness": pgettext_lazy("kind of measure", "awareness-raising"),
    "funding": pgettext_lazy("kind of measure", "funding"),
    "co_ordination": pgettext_lazy("kind of measure", "co-ordination"),
    "": pgettext_lazy("kind of measure", "kind not given"),
}
STAGES: dict[str, Label] = {
    "proposed": pgettext_lazy("stage of a measure", "proposed"),
    "decided": pgettext_lazy("stage of a measure", "decided"),
    "under_way": pgettext_lazy("stage of a measure", "under way"),
    "done": pgettext_lazy("stage of a measure", "done"),
    "stopped": pgettext_lazy("stage of a measure", "stopped"),
}
VISIBILITIES: dict[str, Label] = {
    "desk": _("the national desk only"),
    "bodies": _("the desk and the bodies asked"),
    "public": pgettext_lazy("who can see it", "everyone"),
}
ANSWER_SCOPES: dict[str, Label] = {
    "whole": pgettext_lazy("a measure answers a finding", "as a whole"),
    "part": pgettext_lazy("a measure answers a finding", "in part"),
}
TRIAGE_DECISIONS: dict[str, Label] = {
    "open": pgettext_lazy("a desk about a finding", "not yet handled"),
    "in_hand": pgettext_lazy("a desk about a finding", "in hand"),
    "not_for_us": pgettext_lazy("a desk about a finding", "does not concern the state"),
    "no_measure": pgettext_lazy("a desk about a finding", "no measure planned"),
}
SIDES: dict[str, Label] = {
    "state": pgettext_lazy("side that gives evidence", "state"),
    "civil_society": pgettext_lazy("side that gives evidence", "civil society"),
    "national_institution": pgettext_lazy("side that gives evidence", "national human rights institution"),
    "monitoring_body": pgettext_lazy("side that gives evidence", "monitoring body"),
}
EVIDENCE_KINDS: dict[str, Label] = {
    "law": pgettext_lazy("kind of evidence", "law"),
    "decision": pgettext_lazy("kind of evidence", "decision"),
    "statistics": pgettext_lazy("kind of evidence", "statistics"),
    "evaluation": pgettext_lazy("kind of evidence", "evaluation"),
    "report": pgettext_lazy("kind of evidence", "report"),
    "statement": pgettext_lazy("kind of evidence", "statement"),
}
EVIDENCE_STATUSES: dict[str, Label] = {
    "offered": pgettext_lazy("status of evidence", "offered"),
    "accepted": pgettext_lazy("status of evidence", "accepted"),
    "set_aside": pgettext_lazy("status of evidence", "set aside"),
    "withdrawn": pgettext_lazy("status of evidence", "withdrawn"),
}
FORM_FAULTS: dict[str, Label] = {
    "broken_link": _("the link does not open"),
    "unreadable_file": _("the file cannot be opened"),
    "personal_data": _("it contains personal data of victims or other people"),
    "shelter_address": _("it reveals where a shelter is"),
}
# The three answers for a finding, each as a label and a sentence that says what it means.
DONE: dict[str, Label] = {
    "no_one_has_said": _("no one has said"),
    "not_for_us": _("does not concern the state, according to it"),
    "no_measure": _("no measure planned"),
    "stopped": pgettext_lazy("what is done about a finding", "stopped"),
    "proposed": pgettext_lazy("what is done about a finding", "proposed"),
    "decided": pgettext_lazy("what is done about a finding", "decided"),
    "under_way": pgettext_lazy("what is done about a finding", "under way"),
    "done_in_part": pgettext_lazy("what is done about a finding", "done in part"),
    "done_in_whole": pgettext_lazy("what is done about a finding", "done as a whole"),
}
DONE_MEANINGS: dict[str, Label] = {
    "no_one_has_said": _(
        "The state has not said here what it does about this. That does not mean that nothing is done."
    ),
    "not_for_us": _("The state says that this does not concern it, and gives a reason."),
    "no_measure": _("The state says that it plans no measure, and gives a reason."),
    "stopped": _("The state had measures that answered this, and has stopped all of them."),
    "proposed": _("A measure is proposed. No one has decided on it yet."),
    "decided": _("A measure is decided. The work has not begun, according to the state."),
    "under_way": _("The work has begun, according to the state."),
    "done_in_part": _("Measures that answer part of this are done, according to the state."),
    "done_in_whole": _("Measures that answer all of this are done, according to the state."),
}
PROVEN: dict[str, Label] = {
    "no_evidence": _("no evidence available"),
    "expired": pgettext_lazy("evidence", "expired"),
    "state_only": _("evidence from the state only"),
    "others_only": _("evidence from others only"),
    "both_agree": _("both sides agree"),
    "sides_differ": _("the sides differ"),
    "disputed": pgettext_lazy("evidence", "disputed"),
}
PROVEN_MEANINGS: dict[str, Label] = {
    "no_evidence": _("No one has given evidence here. That does not mean that there is none."),
    "expired": _("There was evidence, and it is no longer valid."),
    "state_only": _("The state has given evidence. No one else has confirmed or disputed it."),
    "others_only": _("Organisations other than the state have given evidence that it is done."),
    "both_agree": _("The state and others have given evidence, and none of it disputes that it is done."),
    "sides_differ": _(
        "Some evidence says that it is done, and some says that it is not. Read both, with their periods."
    ),
    "disputed": _("The evidence says that it is not done or does not work."),
}
VERDICTS: dict[str, Label] = {
    "none_yet": _("no later text yet"),
    "taken_up_again": _("taken up again"),
    "closed": _("closed by a later text"),
    "welcomed": pgettext_lazy("a later text about a finding", "welcomed"),
    "undecided": _("perhaps taken up again"),
    "no_longer_raised": _("no longer raised"),
}
VERDICT_MEANINGS: dict[str, Label] = {
    "none_yet": _("The monitoring body has not published a later assessment of the state here."),
    "taken_up_again": _("A later text of the monitoring body asks for it again, in the words quoted."),
    "closed": _("A later text of the monitoring body settles it, as a reviewer has confirmed."),
    "welcomed": _("A later text of the monitoring body welcomes what was done, in the words quoted."),
    "undecided": _("The computer proposes a later text that may ask for it again. No reviewer has decided yet."),
    "no_longer_raised": _(
        "The body has published a later assessment that does not raise it. That does not mean that it is solved."
    ),
}
DUTY_KINDS: dict[str, Label] = {
    "state_report": _("state report"),
    "visit": _("evaluation visit"),
    "comments": _("comments of the state on the draft report"),
    "publication": _("publication of the report"),
    "recommendation": _("recommendation of the Committee of the Parties"),
    "report_back": _("report on the measures taken"),
    "conclusions": _("conclusions of the Committee of the Parties"),
    "second_report_back": _("second report on the measures taken"),
}
DUE_BASES: dict[str, Label] = {
    "printed": pgettext_lazy("how a due date is known", "as printed in a text of the monitoring body"),
    "proposed": pgettext_lazy("how a due date is known", "proposed, because no text prints it"),
}
DUE_BASES_SHORT: dict[str, Label] = {
    "printed": pgettext_lazy("a due date", "as printed"),
    "proposed": pgettext_lazy("a due date", "proposed"),
}
DUTY_STATUSES: dict[str, Label] = {
    "not_yet_due": pgettext_lazy("status of a duty", "not yet due"),
    "due": pgettext_lazy("status of a duty", "due within 90 days"),
    "overdue": pgettext_lazy("status of a duty", "overdue"),
    "proposed_day_passed": pgettext_lazy("status of a duty", "proposed date has passed; not known whether it was done"),
    "submitted": pgettext_lazy("status of a duty", "submitted"),
    "noted": pgettext_lazy("status of a duty", "noted by the monitoring body"),
    "no_date": pgettext_lazy("status of a duty", "no date known"),
}
DIGEST_STATUSES: dict[str, Label] = {
    "escalated": pgettext_lazy("heading in an email", "Overdue for more than 30 days, for the whole desk"),
    "overdue": pgettext_lazy("heading in an email", "Overdue"),
    "due": pgettext_lazy("heading in an email", "Due within 30 days"),
    "to_do": pgettext_lazy("heading in an email", "To do"),
}
REGION_KINDS: dict[str, Label] = {"region": _("region"), "municipality": _("municipality")}
CAUSES: dict[str, Label] = {
    "edit": pgettext_lazy("cause of a change", "edited"),
    "bulk": pgettext_lazy("cause of a change", "edited together with others"),
    "import": pgettext_lazy("cause of a change", "imported"),
    "commitment": pgettext_lazy("cause of a change", "from a commitment of a meeting"),
    "ask": pgettext_lazy("cause of a change", "from another body’s answer"),
    "undo": pgettext_lazy("cause of a change", "undone"),
}

# --- Indicators -------------------------------------------------------------------------------------------------------

UNITS: dict[str, Label] = {
    "family_place": _("family places"),
    "womens_bed": _("beds for women"),
    "rape_crisis_centre": _("rape crisis centres"),
    "sexual_assault_referral_centre": _("sexual assault referral centres"),
    "sexual_violence_centre": _("sexual violence centres of any kind"),
    "person": pgettext_lazy("unit of an indicator", "people"),
    "order": pgettext_lazy("unit of an indicator", "orders"),
    "call": pgettext_lazy("unit of an indicator", "calls"),
    "inhabitant": _("inhabitants"),
    "woman": _("women in the population"),
    "other": pgettext_lazy("unit of an indicator", "other, see the definition"),
}
DIRECTIONS: dict[str, Label] = {
    "higher": _("a higher number is an improvement"),
    "lower": _("a lower number is an improvement"),
    "neither": _("not clear from the number alone"),
}
DIMENSIONS: dict[str, Label] = {
    "sex": pgettext_lazy("breakdown of a figure", "Sex"),
    "age": pgettext_lazy("breakdown of a figure", "Age"),
    "relation": _("Relation of the perpetrator"),
    "form": _("Form of violence"),
}
CATEGORIES: dict[str, Label] = {
    "women": pgettext_lazy("category of a figure", "women and girls"),
    "men": pgettext_lazy("category of a figure", "men and boys"),
    "other": pgettext_lazy("category of a figure", "other"),
    "not_known": pgettext_lazy("category of a figure", "not known"),
    "0-13": "0–13",
    "14-17": "14–17",
    "18-24": "18–24",
    "25-44": "25–44",
    "45-64": "45–64",
    "65+": "65+",
    "current_partner": _("current partner"),
    "former_partner": _("former partner"),
    "other_family": _("other family member"),
    "acquaintance": _("acquaintance"),
    "person_in_authority": _("person in authority"),
    "stranger": _("stranger"),
    "psychological_violence": _("psychological violence"),
    "stalking": _("stalking"),
    "physical_violence": _("physical violence"),
    "sexual_violence": _("sexual violence"),
    "forced_marriage": _("forced marriage"),
    "female_genital_mutilation": _("female genital mutilation"),
    "forced_abortion_and_sterilisation": _("forced abortion and forced sterilisation"),
    "sexual_harassment": _("sexual harassment"),
    "economic_violence": _("economic violence"),
}
GAP_REASONS: dict[str, Label] = {
    "not_collected": pgettext_lazy("why there is no figure", "not collected"),
    "not_available": pgettext_lazy("why there is no figure", "not available"),
    "too_small": pgettext_lazy("why there is no figure", "too small for the source to publish"),
    "does_not_apply": pgettext_lazy("why there is no figure", "does not apply"),
}
POPULATIONS: dict[str, Label] = {"inhabitants": _("inhabitants"), "women": pgettext_lazy("a population", "women")}
NOT_COMPARABLE: dict[str, Label] = {
    "definition_differs": _("not comparable: the figures count something else"),
    "unverified": _("not compared: this standard is unverified"),
    "no_number": _("not compared: there is no published figure"),
    "no_population": _("not compared: the population of that year is not entered"),
}
# The columns of measures, answers and decisions, as forms, lists and histories name them.
FIELDS: dict[str, Any] = {
    "reference": _("Number in the plan"),
    "title": _("Title"),
    "text": _("Description"),
    "language": _("Language of the text"),
    "kind": _("Type"),
    "region": _("Region or municipality"),
    "lead": _("Lead body"),
    "bodies": pgettext_lazy("of a measure", "Other bodies"),
    "plan": pgettext_lazy("of measures", "Plan"),
    "chapter": pgettext_lazy("of a plan", "Chapter"),
    "begins": pgettext_lazy("of a measure", "Starts"),
    "due": pgettext_lazy("of a measure", "Due"),
    "stage": pgettext_lazy("of a measure", "Stage"),
    "stop_reason": _("Reason for stopping"),
    "budget": _("Planned amount"),
    "paid": _("Paid amount"),
    "currency": _("Currency"),
    "visibility": _("Visible to"),
    "scope": _("Answers the finding"),
    "part": _("Part of the finding"),
    "part_text": _("Words of the finding"),
    "decision": _("Decision"),
    "reason": _("Reason"),
    "body": _("Body responsible"),
    "cluster": _("Cluster"),
    "note": _("Note for the desk"),
    "parts": _("Number of parts"),
}

LABELS.update({
    "MeasureField": FIELDS,
    "PlanKind": PLAN_KINDS,
    "MeasureKind": MEASURE_KINDS,
    "Stage": STAGES,
    "MeasureVisibility": VISIBILITIES,
    "AnswerScope": ANSWER_SCOPES,
    "TriageDecision": TRIAGE_DECISIONS,
    "Side": SIDES,
    "EvidenceKind": EVIDENCE_KINDS,
    "EvidenceStatus": EVIDENCE_STATUSES,
    "FormFault": FORM_FAULTS,
    "Done": DONE,
    "DoneMeaning": DONE_MEANINGS,
    "Proven": PROVEN,
    "ProvenMeaning": PROVEN_MEANINGS,
    "Verdict": VERDICTS,
    "VerdictMeaning": VERDICT_MEANINGS,
    "ChangeCause": CAUSES,
    "RegionKind": REGION_KINDS,
    "Unit": UNITS,
    "Direction": DIRECTIONS,
    "Dimension": DIMENSIONS,
    "Category": CATEGORIES,
    "GapReason": GAP_REASONS,
    "Population": POPULATIONS,
    "NotComparable": NOT_COMPARABLE,
    "DigestStatus": DIGEST_STATUSES,
    "DutyKind": DUTY_KINDS,
    "DueBasis": DUE_BASES,
    "DueBasisShort": DUE_BASES_SHORT,
    "DutyStatus": DUTY_STATUSES,
})  # fmt: skip

ERROR_TEXTS = {
    "unknown_transition": (
        _("A measure cannot go from this stage to that one."),
        _("Reload the page: the measure may have changed in the meantime."),
    ),
    "reason_required": (_("A reason is missing."), _("Write in one sentence why.")),
    "evidence_step_not_possible": (
        _("This step is not possible: the evidence has another status."),
        _("Reload the page: someone may have decided on it in the meantime."),
    ),
    "number_or_gap": (
        _("A value is either a number or a reason why there is none."),
        _("Enter a number, or choose a reason."),
    ),
    "denominator_without_number": (_("The second number has no first number."), _("Enter both numbers, or neither.")),
    "number_out_of_range": (_("A number must be 0 or more."), _("Correct the number.")),
    "unexpected_dimension": (_("This indicator has no such breakdown."), _("Leave this column empty.")),
    "denominator_mismatch": (_("This indicator needs both numbers, or only one."), _("Enter what the form asks for.")),
    "number_exceeds_denominator": (
        _("The first number is part of the second and cannot be larger."),
        _("Correct one of them."),
    ),
    "not_a_whole_number": (_("This indicator counts in whole numbers."), _("Enter a number without decimals.")),
    "table_without_heading": (
        _("No row of this file contains the headings of the template."),
        _("Download the template, fill it in, and upload it again."),
    ),
}
