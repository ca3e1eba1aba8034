"""Text from users stays text on every page that shows it: no element, no attribute, no address that runs."""

from __future__ import annotations

import ast
import itertools
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import models

from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.shell.view_permissions import get_required_claim
from tests.factories.attacks import (
    MARKER,
    PAYLOADS,
    POLYGLOT_PAYLOAD,
    World,
    address_of,
    find_injections,
    html_of,
    routes,
)
from tests.site.attacks.conftest import render_403_once

SITE = Path(__file__).resolve().parents[3] / "src/samsvar/site"
VISITORS = ("nobody", "owner", "member", "organiser", "secretariat", "administrator", "auditor")


def test_the_check_finds_each_payload_that_is_not_escaped():
    """Check the check: without escaping, every payload is found except those that are plain text anyway."""
    inert = [one for one in PAYLOADS if not _is_found_unescaped(one)]
    assert [one for one in inert if "<" in one and not one.startswith(("&", "\\", "{", "<\u202e", "<scr\u200b"))] == []
    assert len(PAYLOADS) >= 40
    assert len(PAYLOADS) - len(inert) >= 40


def _is_found_unescaped(payload: str) -> bool:
    places = (
        "<p>{}</p>", '<p title="{}">x</p>', "<p title='{}'>x</p>", "<a href='{}'>x</a>", "<input value={}>",
        "<title>{}</title>", "<textarea>{}</textarea>", "<script>{}</script>", "<style>{}</style>", "<!-- {} -->",
    )  # fmt: skip
    return any(find_injections(f"<!doctype html><body>{place.replace('{}', payload)}</body>") for place in places)


def blocks_scripts(answer: Any) -> bool:
    policy = answer.get("Content-Security-Policy", "")
    return "default-src 'none'" in policy and "unsafe" not in policy


# --- Input in an address ----------------------------------------------------------------------------------------------


@cache
def parameter_names() -> list[str]:
    """Return every name that the site's code looks up in an address or a form as a literal, and some it does not."""
    found = {"next", "utm_source", "zz"}
    for path in SITE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(word)), *_]):
                    if word.isidentifier() and word.islower():
                        found.add(word)
    return sorted(found)


@pytest.mark.parametrize("visitor", ["nobody", "owner", "secretariat"])
def test_no_query_parameter_becomes_markup_on_the_page(world: World, visitor):
    asked = parameter_names()
    assert {"q", "page", "next", "on"} <= set(asked)
    everything = urlencode(dict.fromkeys(asked, POLYGLOT_PAYLOAD))
    batches = [urlencode(dict.fromkeys(asked[i : i + 64], POLYGLOT_PAYLOAD)) for i in range(0, len(asked), 64)]
    found, shown = {}, 0
    for route in routes():
        address = address_of(route, world)
        # Where visitors without an account may not enter, they only see the way to the sign-in page, whatever is asked.
        in_batches = visitor == "nobody" and get_required_claim(route.view) is Claim.READ_PUBLIC
        for query in batches if in_batches else [everything]:
            answer = world.clients[visitor].get(f"{address}?{query}")
            page = html_of(answer)
            shown += MARKER in page
            if (danger := find_injections(page)) or not blocks_scripts(answer):
                found[route.name] = danger
    assert found == {}
    assert shown > 20  # pages did show what was sent


@pytest.mark.parametrize("address", ["/en/search/", "/en/people/", "/en/sign-in/"])
def test_no_payload_in_a_search_becomes_markup_on_the_page(world: World, address):
    for payload in PAYLOADS:
        answer = world.clients["owner"].get(address, {"next" if "sign-in" in address else "q": payload})
        assert (payload, find_injections(html_of(answer))) == (payload, [])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_in_an_address_becomes_markup_on_the_page(client, db, payload):
    for place in ("/{}", "/en/{}/", "/en/findings/{}/", "/en/countries/{}/", "/en/people/{}/"):
        answer = client.get(place.format(payload.replace("#", "%23").replace("?", "%3F")))
        assert (find_injections(html_of(answer)), blocks_scripts(answer)) == ([], True)


# --- Stored input -----------------------------------------------------------------------------------------------------

# Columns whose text people write or files hold. Each is filled with payloads, bypassing every form; then every page
# is opened.
USER_TEXT = {
    "samsvar_network.Organisation": ("name", "about", "source", "second_source", "website", "name_language"),
    "samsvar_network.Network": ("name", "about", "source", "second_source"),
    "samsvar_network.Person": ("pseudonym",),
    "samsvar_network.Detail": ("value",),
    "samsvar_network.Basis": ("note", "text_version"),
    "samsvar_network.MemberQuestion": ("subject", "reason"),
    "samsvar_network.QuestionMessage": ("text",),
    "samsvar_network.RoleGrant": ("reason", "meeting"),
    "samsvar_network.Refusal": ("reason", "meeting"),
    "samsvar_network.StaffSession": ("reason",),
    "samsvar_network.OutgoingEmail": ("subject", "body", "html", "refusal"),
    "samsvar_monitoring.Document": (
        "procedure", "reference", "answers", "title", "source", "second_source", "note", "link",
    ),
    "samsvar_monitoring.Section": ("heading", "link"),
    "samsvar_monitoring.Report": ("filename", "reader", "withdrawal_reason"),
    "samsvar_monitoring.CorrectionProposal": ("reason", "decision_reason"),
    "samsvar_monitoring.LabelRemark": ("comment",),
    "samsvar_following.Follow": ("note",),
    "samsvar_monitoring.LabelChange": ("reader", "reason", "previous_note"),
    "samsvar_monitoring.FindingLink": ("reason",),
    "samsvar_monitoring.LinkDecision": ("reason",),
    "samsvar_monitoring.Passage": ("number", "text"),
    "samsvar_monitoring.Finding": (
        "procedure", "paragraph", "heading", "verb", "addressee", "deadline", "text", "reader", "note",
    ),
    "samsvar_monitoring.Upload": ("filename", "reason"),
    "samsvar_monitoring.DetailsChange": ("reader", "reason"),
    "samsvar_convention.TreatyEvent": ("note", "source", "second_source"),
    "samsvar_funding.Activity": ("code", "title", "period", "about", "note", "source", "second_source"),
    "samsvar_funding.Partner": ("name", "organisation"),
    "samsvar_funding.Transaction": ("payer", "receiver", "note", "source", "second_source"),
    "samsvar_funding.Result": ("what", "promised", "came", "unit", "note", "source", "second_source"),
    "samsvar_funding.Link": ("key", "note", "source"),
    "samsvar_implementation.Indicator": ("source_body",),
    "samsvar_implementation.IndicatorValue": ("comparability", "source"),
    "samsvar_funding.FactsheetTotal": ("code", "name", "period", "note", "source", "second_source"),
    "samsvar_exchange.HelpRequest": (
        "problem", "situation", "part", "judgement", "translated_problem", "translated_situation",
    ),
    "samsvar_exchange.Reply": ("text", "link"),
    "samsvar_exchange.Offer": ("title", "text"),
    "samsvar_implementation.Region": ("name",),
    "samsvar_implementation.Plan": ("title", "source"),
    "samsvar_implementation.PlanChapter": ("title",),
    "samsvar_implementation.Measure": ("reference", "title", "text", "lead_name", "stop_reason"),
    "samsvar_implementation.MeasureBody": ("name",),
    "samsvar_implementation.Answer": ("part_text", "reason"),
    "samsvar_exchange.Introduction": ("outcome",),
    "samsvar_exchange.IntroductionMessage": ("text",),
    "samsvar_exchange.Adoption": ("changed", "reason", "evidence_link"),
    "samsvar_exchange.AdoptionEvent": ("reason", "evidence_link"),
    "samsvar_implementation.Cluster": ("title",),
    "samsvar_implementation.Triage": ("reason", "body_name", "note"),
    "samsvar_implementation.Change": ("reason",),
    "samsvar_implementation.Evidence": ("title", "text", "filename", "organisation_name", "status_reason"),
    "samsvar_implementation.Duty": ("due_source", "done_source"),
    "samsvar_implementation.Room": ("title",),
    "samsvar_implementation.RoomSection": ("heading", "text"),
    "samsvar_implementation.RoomSectionVersion": ("text",),
    "samsvar_implementation.RoomPublication": ("title",),
    "samsvar_implementation.Draft": ("title",),
    "samsvar_implementation.DraftSection": ("heading",),
    "samsvar_implementation.EditedFile": ("filename",),
    "samsvar_implementation.DraftNote": ("text", "author_name"),
    "samsvar_implementation.Clearance": ("name", "office", "end_reason"),
    "samsvar_implementation.Submission": ("on_behalf_of", "cleared_for"),
    "samsvar_implementation.Ask": ("body_name", "official_name", "title", "message"),
    "samsvar_implementation.AskQuestion": ("citation", "quotation", "text"),
    "samsvar_implementation.AskSubmission": ("signed_by",),
    "samsvar_implementation.AskAnswer": ("text", "figures", "no_answer_because"),
    "samsvar_implementation.AskEvent": ("note",),
    "samsvar_exchange.Practice": ("place", "status_reason", "retired_reason"),
    "samsvar_exchange.PracticeText": (
        "title", "problem", "solution", "for_whom", "conditions", "went_wrong", "legal_basis", "staff", "cost_note",
        "results",
    ),
    "samsvar_exchange.PracticeReview": ("comment",),
    "samsvar_exchange.PracticeEvent": ("reason",),
    "samsvar_exchange.LeadDecision": ("reason",),
    "samsvar_meetings.Meeting": (
        "city", "place", "address", "link", "cancelled_why", "source", "second_source", "note", "signatory",
        "letters_contact",
    ),
    "samsvar_meetings.MeetingPseudonym": ("name",),
    "samsvar_meetings.InvitedState": ("note",),
    "samsvar_meetings.MeetingLink": ("key",),
    "samsvar_meetings.MeetingDocument": ("filename",),
    "samsvar_meetings.Outcome": ("text",),
    "samsvar_meetings.OutcomeChange": ("text_before", "why"),
    "samsvar_meetings.ProgressReport": ("text", "evidence"),
    "samsvar_meetings.SurveyText": ("text",),
    "samsvar_meetings.Room": ("name",),
    "samsvar_meetings.Session": ("source",),
    "samsvar_meetings.Appearance": ("source", "named", "office"),  # in this order: a named person must have a source
    "samsvar_meetings.Version": ("note",),
    "samsvar_meetings.Delegation": ("note",),
    "samsvar_meetings.Registration": ("nominated_name", "gender", "reason"),
    "samsvar_meetings.Contribution": ("title", "abstract", "with_others", "reason"),
    "samsvar_meetings.ContributionReview": ("text",),
    "samsvar_meetings.NetworkingOptIn": ("about",),
    "samsvar_meetings.OneToOneMeeting": ("about",),
    "usersessions.UserSession": ("user_agent",),
}  # fmt: skip
# Columns without user text: what is in them is from one of our lists, computed, or checked by a form.
NO_USER_TEXT = {
    "samsvar_monitoring.SourceVersion": "identifiers that a publisher gives, and that no page shows",
    "samsvar_exchange.PracticeVersion": "JSON, filled below; hashes and keys of the library's lists",
    "samsvar_audit.AuditEntry": "written below, by the action: the database lets nobody change a line",
    "samsvar_convention.State": "codes",
    "samsvar_network.Account": "an address, checked by the form; ids",
    "samsvar_network.Invitation": "an address, checked by the form; ids",
    "samsvar_network.Photograph": "a hash, and the format that we wrote",
    "samsvar_network.Membership": "choices and ids",
    "samsvar_network.FormDraft": "what was typed is sent as JSON to its author; address and number, by the form",
    "samsvar_funding.ActivityArea": "keys of the library's areas",
    "samsvar_implementation.ColumnMapping": "a hash of the headings, and the fields of a measure",
    "samsvar_implementation.AskEmail": "an address, checked by the form; a day",
    "samsvar_meetings.Commitment": "a day, checked by the form; choices and ids",
    "samsvar_meetings.SurveyParticipation": "ids",
    "samsvar_meetings.Quota": "a country's code, or a choice",
    "samsvar_meetings.ImportedPerson": "a hash",
    "samsvar_meetings.CheckIn": "a number that a device made, checked by the form",
    "samsvar_meetings.IssuedLetter": "letters that we drew",
    "samsvar_meetings.SurveyTally": "one of the values that a question offers",
}
IDS = {
    "introduction", "meeting", "since",  # of the exchange: public IDs, and a day that the form checks
    "id", "article", "finding", "key", "ticket", "head_email",
    "public_id", "slug", "content_hash", "browser", "email", "to", "password", "language", "token_hash", "founded",
    "day", "effective", "published", "state", "kind", "format", "origin", "provisions", "basis", "confidence",
    "strength", "currency", "begins", "ends", "zone", "reckoning", "from_memory", "state_position", "role",
    "decided_role",
    # of implementation: dates, hashes, codes, a frozen copy that is only downloaded, links that `web_link` checks
    "due", "due_since", "done", "adopted", "procedure", "series", "stored_hash", "sha256", "docx_hash", "device_hash",
    "official_email", "made_evidence", "made_measure", "quotation_language", "form_id", "form_version", "section_id",
    "part_id", "commitment", "cell", "json", "link",
    "measure", "translation_language", "act", "praise", "at_meeting",  # of the exchange: public IDs and codes
    "query", "event",  # of following: a canonical query string, and the key of an event
    "end_url", "duty",  # an address that the site writes; the key of a duty
}  # fmt: skip


def test_every_text_column_is_filled_with_payloads_or_listed_as_an_exception():
    missing = []
    for model in apps.get_models():
        label = model._meta.label
        if not label.startswith("samsvar_") or label in NO_USER_TEXT:
            continue
        for column in model._meta.concrete_fields:
            text = isinstance(column, models.CharField | models.TextField)
            known = {*USER_TEXT.get(label, ()), *IDS, *({"body"} if label.startswith("samsvar_monitoring.") else ())}
            if text and not column.choices and column.name not in known:
                missing.append(f"{label}.{column.name}")
    assert missing == []


def pack_payloads(length: int | None, turn: int) -> str:
    """Return as many payloads as a column holds, starting with another one each turn; at least part of one."""
    row = list(itertools.islice(itertools.cycle(PAYLOADS), turn, turn + len(PAYLOADS)))
    if length is None:
        return " ".join(row)
    text = ""
    for payload in row:
        if len(text) + len(payload) + 1 <= length:
            text = f"{text} {payload}".strip()
    return text or row[0][:length]


def plant_payloads(world: World, turn: int) -> None:
    """Fill the world with payloads, bypassing every form, to test what the pages make of them."""
    step = turn * 7
    for label, names in USER_TEXT.items():
        model = apps.get_model(label)
        for number, name in enumerate(names):
            column = model._meta.get_field(name)
            rows = model._default_manager.all()
            if label == "samsvar_network.Detail":
                rows = rows.exclude(field__in=["photograph", "organisation", "languages", "country", "group", "gender"])
            if (label, name) == ("samsvar_network.RoleGrant", "meeting"):
                rows = rows.exclude(role="organiser")  # who would no longer run a meeting or see its pages
            if label == "samsvar_meetings.Appearance":
                rows = rows.filter(person=None)  # it contains nothing about people of ours
            for row in rows:
                step += 1
                length = None if isinstance(column, models.TextField) else column.max_length
                value = pack_payloads(length, (step + number) % len(PAYLOADS))
                if isinstance(column, models.URLField):  # what such a column's form accepts
                    value = f"https://{MARKER}.example/?x=\"'><img%20src=x%20onerror={MARKER}()>"
                if label == "samsvar_funding.Partner":  # its form accepts one line without a vertical bar
                    value = " ".join(value.replace("|", " ").split())
                model._default_manager.filter(pk=row.pk).update(**{name: value})
    detail = apps.get_model("samsvar_network", "Detail")
    for row in detail.objects.filter(field="name"):
        step += 1
        said_in_words = {"value": f"“{pack_payloads(None, step % len(PAYLOADS))}”", "visibility": row.visibility}
        detail.objects.update_or_create(person=row.person, field="organisation", defaults=said_in_words)
    said = {"en": pack_payloads(None, step % 50), "fr": pack_payloads(None, step % 40)}
    apps.get_model("samsvar_meetings", "Meeting").objects.update(title=said, purpose=said, practical=said)
    apps.get_model("samsvar_meetings", "MeetingDocument").objects.update(title=said, access="public")
    apps.get_model("samsvar_meetings", "SurveyQuestion").objects.update(text=said)
    apps.get_model("samsvar_meetings", "Session").objects.update(title=said, abstract=said)
    apps.get_model("samsvar_meetings", "Track").objects.update(name=said)
    apps.get_model("samsvar_meetings", "Question").objects.update(text=said, help=said, purpose=said)
    apps.get_model("samsvar_meetings", "ContributionCall").objects.update(text=said)
    finding = apps.get_model("samsvar_monitoring", "Finding")
    for row in finding.objects.all():
        row.actions, row.cites, row.from_states = ([pack_payloads(200, (step + i) % 50)] for i in range(3))
        row.save()
    passage = apps.get_model("samsvar_monitoring", "Passage")
    passage.objects.update(headings=[pack_payloads(None, step % 50)], footnotes=[pack_payloads(None, step % 40)])
    for report in apps.get_model("samsvar_monitoring", "Report").objects.all():
        report.account["unexplained"] = [{"text": pack_payloads(None, step % 50), "page": 1}]
        report.account["notes"] = [pack_payloads(None, step % 50)]
        report.save()
    plant_in_practices(step)
    apps.get_model("samsvar_monitoring", "Upload").objects.update(
        refusal={name: pack_payloads(None, step % 50) for name in ("code", "message", "effect", "advice")}
    )
    for text in PAYLOADS[step % 20 :][:20]:
        record(
            by=world.accounts["owner"], verb=text[:60], subject=text[:120], details={"what": text}, reason=text[:300]
        )


def plant_in_practices(step: int) -> None:
    """Fill the JSON of practices: rows of the form, and the frozen content that readers see."""
    payload = pack_payloads(300, step % 50)
    link = {"title": payload, "url": f"javascript:{MARKER}()"}
    result = dict.fromkeys(("what", "value", "unit", "period", "source"), payload)
    block = {"title": payload, "text": payload}
    apps.get_model("samsvar_exchange", "Practice").objects.update(results=[result], links=[link])
    apps.get_model("samsvar_exchange", "PracticeText").objects.update(blocks=[block])
    for version in apps.get_model("samsvar_exchange", "PracticeVersion").objects.all():
        version.content |= {"results": [result], "links": [link], "place": payload}
        for text in version.content["texts"].values():
            text |= {name: payload for name in text if isinstance(text[name], str)} | {"blocks": [block]}
        version.save()


def finding_ids() -> list[str]:
    return list(apps.get_model("samsvar_monitoring", "Finding").everything.values_list("public_id", flat=True))


def test_no_stored_text_becomes_markup_on_a_page(world: World):
    """Run three rounds with different payloads per column; later rounds use only the visitor who saw most of them."""
    addresses = {route.name: address_of(route, world) for route in routes()}
    addresses["withdrawn"] = f"/en/reports/{world.ids['withdrawn_report']}/"
    addresses |= {f"finding {finding}": f"/en/findings/{finding}/" for finding in finding_ids()}
    pages = [(address, name) for address in addresses for name in VISITORS]
    found = {}
    for turn in range(3):
        plant_payloads(world, turn)
        shown: dict[str, tuple[int, str]] = {}
        with render_403_once():
            for address, name in pages:
                answer = world.clients[name].get(addresses[address])
                page = html_of(answer)
                if marks := page.count(MARKER):
                    shown[address] = max(shown.get(address, (0, "")), (marks, name))
                if (danger := find_injections(page)) or not blocks_scripts(answer):
                    found[turn, address, name] = danger
        assert {
            "monitoring:finding", "monitoring:report", "monitoring:report-details", "monitoring:sample",
            "monitoring:work-list", "withdrawn", "network:my-question", "network:account-rights",
        } <= set(shown)  # fmt: skip
        if turn == 0:
            pages = [(address, name) for address, (_marks, name) in shown.items()]
    assert found == {}
