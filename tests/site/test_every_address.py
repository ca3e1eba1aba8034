"""Every address of the site, by GET and by POST, as every visitor: it opens only to those the table allows.

`expectations` names, for each address, the object at it in the world below and who may reach that object when the
permission is granted. An address without an expectation fails, and so does an expectation without an address. The
expected outcome is derived from the library alone (`samsvar.network.rights.answer`) and compared with the site's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from samsvar.ids import hash_content
from samsvar.monitoring.report import Strength
from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import (
    UNLIMITED_SCOPE,
    UNREFUSABLE_CLAIMS,
    AccessDecision,
    Claim,
    Grant,
    Refusal,
    Role,
    Scope,
    combine_decisions,
    decide_access,
)
from samsvar.site.convention.actions import load_convention
from samsvar.site.exchange.models import HelpRequest, Offer
from samsvar.site.following.models import Follow
from samsvar.site.implementation.evidence.actions import EVIDENCE_PREFIX
from samsvar.site.implementation.measures import actions as measures
from samsvar.site.implementation.models import Indicator, MeasureImport
from samsvar.site.implementation.rooms import actions as room_actions
from samsvar.site.monitoring.actions.remarks import remark_on_label
from samsvar.site.monitoring.models import CorrectionProposal, ReviewSample, Upload
from samsvar.site.monitoring.review.queries import get_label
from samsvar.site.network import models
from samsvar.site.network.accounts import sessions
from samsvar.site.network.data_inventory import data_categories
from samsvar.site.network.privacy.queries import erasure, my_data
from samsvar.site.shell.uploads import store_private_file
from tests.factories.asks import make_ask
from tests.factories.attacks import PASSKEY
from tests.factories.exchange_introductions import make_exchange_to_visit
from tests.factories.exchange_practices import make_practices_to_visit
from tests.factories.figures import enter, publish, shared_indicator
from tests.factories.funding import make_activity
from tests.factories.implementation import make_bulk_edit, make_duty, make_evidence, make_measure, make_room
from tests.factories.meetings import (
    make_commitment,
    make_contribution,
    make_meeting,
    make_session,
    make_survey_question,
)
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.factories.reports import make_finding, make_reading, make_report
from tests.factories.reports_back import make_draft, make_edited_file, make_submission
from tools.rights import OUTCOMES, PAGE, Route, all_routes, render_page

pytestmark = pytest.mark.django_db  # inside the world's own transaction: see `world`

LANTERN, HARBOUR = Scope(network="lantern"), Scope(network="harbour")
XA, XB = Scope(state="XA"), Scope(state="XB")
SPRING = Scope(meeting="spring")


# --- Visiting the addresses -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """A visitor with or without an account: roles granted, permissions refused, and authentication steps passed."""

    name: str
    grants: tuple[tuple[Role, Scope], ...] = ()
    refusals: tuple[tuple[Claim, Scope], ...] = ()
    signed_in: bool = True
    second_factor: bool = False
    staff_session: bool = False

    def meets(self, claim: Claim, *scopes: Scope) -> AccessDecision:
        """Return the library's answer for a claim: without scopes in general, else about an object in all of them."""
        return combine_decisions(
            decide_access(
                claim,
                signed_in=self.signed_in,
                grants=[Grant(role, scope) for role, scope in self.grants],
                refusals=[Refusal(refused, scope) for refused, scope in self.refusals],
                target=scope,
                moment=timezone.now(),
                second_factor=self.second_factor,
                staff_session=self.staff_session,
            )
            for scope in (scopes or (None,))
        )

    def holds(self, claim: Claim, *scopes: Scope) -> bool:
        return self.meets(claim, *scopes) is AccessDecision.ALLOWED


def staff_visitors(name: str, role: Role, scope: Scope = UNLIMITED_SCOPE) -> list[Visitor]:
    """Return three visitors with a role: signed in only, with a second factor, and in a staff session."""
    grants = ((role, scope),)
    return [
        Visitor(f"{name}, only signed in", grants),
        Visitor(f"{name}, second factor", grants, second_factor=True),
        Visitor(name, grants, second_factor=True, staff_session=True),
    ]


EVERY_ROLE = (
    *((role, UNLIMITED_SCOPE) for role in Role if role not in {Role.NATIONAL_DESK, Role.ORGANISER}),
    (Role.NATIONAL_DESK, XA),
    (Role.ORGANISER, SPRING),
)
VISITORS = [
    Visitor("nobody known", signed_in=False),
    Visitor("without a role"),
    Visitor("reader", ((Role.READER, UNLIMITED_SCOPE),)),
    Visitor("reader of one network", ((Role.READER, HARBOUR),)),
    Visitor("contributor", ((Role.CONTRIBUTOR, UNLIMITED_SCOPE),)),
    Visitor("editor", ((Role.EDITOR, UNLIMITED_SCOPE),)),
    Visitor("editor, refused XA", ((Role.EDITOR, UNLIMITED_SCOPE),), ((Claim.REVIEW_FINDINGS, XA),)),
    Visitor("reviewer", ((Role.REVIEWER, UNLIMITED_SCOPE),)),
    Visitor("desk of XA", ((Role.NATIONAL_DESK, XA),)),
    Visitor("desk of XB", ((Role.NATIONAL_DESK, XB),)),
    Visitor("organiser", ((Role.ORGANISER, SPRING),)),
    *staff_visitors("secretariat", Role.SECRETARIAT),
    Visitor("secretariat of harbour", ((Role.SECRETARIAT, HARBOUR),), second_factor=True, staff_session=True),
    Visitor("secretariat of lantern", ((Role.SECRETARIAT, LANTERN),), second_factor=True, staff_session=True),
    Visitor(
        "secretariat, refused lantern",
        ((Role.SECRETARIAT, UNLIMITED_SCOPE),),
        tuple(
            (claim, LANTERN)
            for claim in (Claim.MANAGE_PEOPLE, Claim.ANSWER_QUESTIONS, Claim.INVITE, Claim.ERASE_PEOPLE)
        ),
        second_factor=True,
        staff_session=True,
    ),
    *staff_visitors("auditor", Role.AUDITOR)[:2],
    *staff_visitors("administrator", Role.ADMINISTRATOR),
    Visitor("every role", EVERY_ROLE, second_factor=True, staff_session=True),
    Visitor(
        "every role, refused everything",
        EVERY_ROLE,
        tuple((claim, UNLIMITED_SCOPE) for claim in Claim if claim not in UNREFUSABLE_CLAIMS),
        second_factor=True,
        staff_session=True,
    ),
]


# --- The things at the addresses --------------------------------------------------------------------------------------

METHODS = ("GET", "POST")
AccessRule = Callable[[Visitor], bool]


def everyone(visitor: Visitor) -> bool:
    return True


def only_visitors(*names: str) -> AccessRule:
    """Return a rule for an object that belongs to these visitors."""
    return lambda visitor: visitor.name in names


def holders_of(claim: Claim, *scopes: Scope) -> AccessRule:
    """Return a rule for an object in these scopes: it is open to visitors who hold the claim."""
    return lambda visitor: visitor.holds(claim, *scopes)


@dataclass(frozen=True)
class Expectation:
    """The object at one address: its URL arguments, who may reach it, and the response to everyone else.

    `otherwise` is "refused" (403) if everyone may know that the object exists, and "not found" if not.
    `nothing` lists the request methods for which no visitor finds anything here, such as a used link.
    """

    kwargs: dict[str, Any] = field(default_factory=dict)
    reaches: AccessRule = everyone
    otherwise: str = "refused"
    nothing: tuple[str, ...] = ()
    question: dict[str, str] = field(default_factory=dict)  # query parameters: ?person=…
    instead: dict[str, str] = field(default_factory=dict)  # by visitor, or by visitor and method


# A person in lantern: visible to all who may read its directory, and to its secretariat.
IN_LANTERN = (UNLIMITED_SCOPE, LANTERN)


def can_see_member(visitor: Visitor) -> bool:
    return visitor.holds(Claim.SEE_DIRECTORY, *IN_LANTERN) or visitor.holds(Claim.MANAGE_PEOPLE, *IN_LANTERN)


def expectations(world: Any) -> dict[str, Expectation]:
    """Return the expectation for every address, by its name."""
    report = {"public_id": world.report.public_id}
    finding = {"public_id": world.finding.public_id}
    account = {"public_id": world.member_account.public_id}
    member = {"public_id": world.member.public_id}
    step = {"code": "XA", "procedure": "baseline", "kind": "report_back"}
    lantern = {"slug": "lantern"}
    asked = {"public_id": world.ask.public_id}
    judged = holders_of(Claim.REVIEW_FINDINGS, XA)
    desk = holders_of(Claim.MANAGE_COUNTRY, XA)
    draft = {"code": "XA", "public_id": world.report_draft.public_id}

    def published(visitor: Visitor) -> bool:
        bound = any(scope.state == "XA" for _role, scope in visitor.grants)
        return visitor.holds(Claim.PUBLISH_REPORTS, XA) and not bound

    manages_member = holders_of(Claim.MANAGE_PEOPLE, *IN_LANTERN)
    manages_lantern = holders_of(Claim.MANAGE_PEOPLE, LANTERN)
    decides = holders_of(Claim.ANSWER_QUESTIONS, LANTERN)
    lamps = {"slug": "xa-lamps"}
    keeps_lamps = holders_of(Claim.MANAGE_FUNDING, UNLIMITED_SCOPE, XA)
    nordmark = {"code": "XA"}
    imported = {**nordmark, "public_id": world.measure_import.public_id}
    keeps_measures = holders_of(Claim.MANAGE_COUNTRY, XA)
    places = {"code": "XA", "name": world.indicator.key}
    desk_of_xa = holders_of(Claim.MANAGE_COUNTRY, XA)
    exports_lantern = holders_of(Claim.EXPORT_PEOPLE, LANTERN)

    body_ask = {"code": "XA", "public_id": world.body_ask.public_id}
    drafted_ask = {"code": "XA", "public_id": world.drafted_ask.public_id}
    manages_xa = holders_of(Claim.MANAGE_COUNTRY, XA)
    spring = {"slug": "spring"}
    offered = {**spring, "public_id": world.contribution.public_id}
    runs_spring = holders_of(Claim.MANAGE_MEETING, SPRING)

    runs_desk = holders_of(Claim.MANAGE_COUNTRY, XA)

    def says_how_it_goes(visitor: Visitor) -> bool:
        return runs_spring(visitor) or visitor.holds(Claim.MANAGE_COUNTRY, XA)  # the commitment is XA's

    def plans_a_meeting(visitor: Visitor) -> bool:
        return visitor.holds(Claim.PLAN_MEETINGS, LANTERN) or visitor.holds(Claim.PLAN_MEETINGS, HARBOUR)

    def takes_lantern_out(visitor: Visitor) -> bool:
        return exports_lantern(visitor) and manages_lantern(visitor)  # no one can export a person that they may not see

    room = {"public_id": world.room.public_id}

    def gives(visitor: Visitor) -> bool:
        return visitor.name == "contributor" or visitor.holds(Claim.MANAGE_COUNTRY, XA)

    own_practice = {"public_id": world.practices["practice"]}
    read_practice = {"public_id": world.practices["practice_in_review"]}
    public_practice = {"public_id": world.practices["published_practice"]}
    praise = {**nordmark, "finding": world.practices["praise"]}

    def writes(visitor: Visitor) -> bool:
        return visitor.name == "contributor" or visitor.holds(Claim.MANAGE_COUNTRY)

    def retires(visitor: Visitor) -> bool:
        return visitor.name == "contributor" or visitor.holds(Claim.PUBLISH_PRACTICES)

    help_request, help_offer = ({"public_id": one.public_id} for one in (world.help_request, world.help_offer))
    runs_helpdesk = holders_of(Claim.RUN_HELPDESK, LANTERN)
    introduced = {"public_id": world.introduction.public_id}
    introduced_request = {"public_id": world.introduction.request.public_id}
    adopted = {"public_id": world.adoption.public_id}
    arranges = holders_of(Claim.RUN_HELPDESK, LANTERN)

    def arranges_meeting(visitor: Visitor) -> bool:
        return arranges(visitor) and visitor.holds(Claim.PLAN_MEETINGS, LANTERN)

    def knows_of_it(visitor: Visitor) -> bool:
        return visitor.name in {"contributor", "reader"} or arranges(visitor)

    asker = only_visitors("reader")
    with_an_entry = only_visitors("contributor")
    back_to_sign_in = {"nobody known": "sign-in"}  # there is no sign-in to continue
    their_passkey = {"pk": world.passkey}
    a_person_and_times = {"person": "0123456789abcdef", "since": "2026-11-01T00:00", "until": "2026-11-02T00:00"}
    return {
        # root URL and files
        "/": Expectation(),
        "/robots.txt": Expectation(),
        "/.well-known/security.txt": Expectation(nothing=("GET",)),  # the test site has no security contact
        "files:page-picture": Expectation({**report, "page": 9}, nothing=("GET",)),
        "files:report": Expectation(report),
        "files:cite": Expectation({**finding, "form": "bib"}),
        # pages
        "pages:home": Expectation(),
        "pages:map": Expectation(),
        "pages:countries": Expectation(),
        "pages:country": Expectation({"code": "XA"}),
        "pages:country-tab": Expectation({"code": "XA", "tab": "articles"}),
        "pages:articles": Expectation(),
        "pages:article": Expectation({"number": 7}),
        "pages:matrix": Expectation(),
        "pages:compare": Expectation(),
        "pages:article-countries": Expectation({"number": 7}),
        "pages:about-data": Expectation(),
        "search:search": Expectation(),
        "search:export": Expectation({"form": "csv"}),
        "search:feed": Expectation(),
        "thesaurus:thesaurus": Expectation(),
        "thesaurus:concept": Expectation({"concept": "shelters"}),
        "thesaurus:download": Expectation({"form": "csv"}),
        # findings and reports
        "monitoring:findings": Expectation(),
        "monitoring:finding": Expectation(finding),
        "implementation:story": Expectation(finding),
        # figures of a state: published ones for everyone, all others for its desk
        "implementation:figures": Expectation({"code": "XA"}),
        "implementation:all-figures-table": Expectation({"code": "XA", "form": "csv"}),
        "implementation:indicator": Expectation(places),
        "implementation:figures-table": Expectation({**places, "form": "csv"}),
        "implementation:figures-to-fill": Expectation({"code": "XA"}, desk_of_xa),
        "implementation:add-indicator": Expectation({"code": "XA"}, desk_of_xa),
        "implementation:edit-indicator": Expectation({"code": "XA", "name": world.own_indicator.key}, desk_of_xa),
        "implementation:enter-figures": Expectation(places, desk_of_xa),
        "implementation:figures-template": Expectation(places, desk_of_xa),
        "implementation:import-figures": Expectation(places, desk_of_xa),
        "implementation:publish-figures": Expectation(places, desk_of_xa),
        "implementation:duties": Expectation({"code": "XA"}),
        "implementation:duties-calendar": Expectation({"code": "XA"}),
        "implementation:record-duty": Expectation(step, holders_of(Claim.MANAGE_COUNTRY, XA)),
        "implementation:remove-duty": Expectation(step, holders_of(Claim.MANAGE_COUNTRY, XA)),
        "implementation:digest": Expectation(),
        "implementation:end-digest": Expectation({"token": "none"}, nothing=METHODS),
        # what a person follows, and the feeds
        "following:follow": Expectation({"kind": "country", "public_id": "XA"}),
        "following:follow-search": Expectation(nothing=METHODS),  # a search for nothing
        "following:list": Expectation(),
        "following:stop-all": Expectation(),
        "following:change": Expectation({"pk": world.follow.pk}, only_visitors("reader"), "not found"),
        "following:stop": Expectation({"pk": world.follow.pk}, only_visitors("reader"), "not found"),
        "following:end-digest": Expectation({"token": "none"}, nothing=METHODS),
        "following:feed": Expectation({"kind": "country", "public_id": "XA"}),
        # reports back: the desk's drafts, and what it has published
        **{
            f"implementation:{name}": Expectation({"code": "XA"}, desk, "not found")
            for name in ("report-drafts", "new-report-draft")
        },
        **{
            f"implementation:{name}": Expectation(draft, desk, "not found")
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
            f"implementation:{name}": Expectation({**draft, "section_id": "s1"}, desk, "not found")
            for name in ("report-section", "take-newer-records")
        },
        **{
            f"implementation:{name}": Expectation({**draft, "file_id": world.edited.public_id}, desk, "not found")
            for name in ("edited-report-draft", "discard-report-draft")
        },
        "implementation:finish-note": Expectation({**draft, "pk": world.note.pk}, desk, "not found"),
        **{
            f"implementation:published-report{form}": Expectation({"public_id": world.published.public_id})
            for form in ("", "-docx", "-json")
        },
        # evidence: released evidence is public; what is not released belongs to its own side
        "implementation:own-evidence": Expectation(),
        "implementation:state-evidence": Expectation({"code": "XA"}),
        "implementation:measure-evidence": Expectation({"public_id": world.measure.public_id}),
        "implementation:finding-evidence": Expectation(finding),
        "implementation:offer-for-measure": Expectation({"public_id": world.measure.public_id}, gives, "not found"),
        "implementation:offer-for-finding": Expectation(finding, gives, "not found"),
        "implementation:set-aside-for-form": Expectation({"public_id": world.evidence.public_id}, judged, "not found"),
        **{
            f"implementation:{name}": Expectation(
                {"public_id": world.offered_evidence.public_id}, only_visitors("contributor"), "not found"
            )
            for name in (
                "evidence",
                "evidence-file",
                "accept-evidence",
                "set-evidence-aside",
                "withdraw-evidence",
                "revise-evidence",
            )
        },
        # a room: its members, whatever the roles of the others
        "implementation:rooms": Expectation(),
        "implementation:new-room": Expectation(reaches=only_visitors("contributor"), otherwise="not found"),
        "implementation:published-comment": Expectation({"public_id": world.comment.public_id}),
        # introductions: their two sides' and the helpdesk's of the network; adoptions: those who adopt
        **{f"exchange:{name}": Expectation() for name in ("own-introductions", "arranged-introductions", "adoptions")},
        **{
            f"exchange:{name}": Expectation(introduced, knows_of_it, "not found")
            for name in ("introduction", "introduction-held", "introduction-not-held")
        },
        **{
            f"exchange:{name}": Expectation(introduced, only_visitors("contributor", "reader"), "not found")
            for name in ("accept-introduction", "leave-introduction", "introduction-outcome")
        },
        **{
            f"exchange:{name}": Expectation(introduced, arranges, "not found")
            for name in ("choose-helper", "invite-introduction", "drop-introduction")
        },
        "exchange:propose-introduction": Expectation(introduced_request, arranges, "not found"),
        "exchange:ask-for-introduction": Expectation(introduced_request, only_visitors("contributor"), "not found"),
        "meetings:meeting-from-introduction": Expectation(introduced, arranges_meeting, "not found"),
        "exchange:adoption": Expectation(adopted),
        "exchange:adopt-practice": Expectation(public_practice, holders_of(Claim.MANAGE_COUNTRY, XB), "not found"),
        "exchange:confirm-adoption": Expectation(adopted, only_visitors("contributor"), "not found"),
        **{
            f"exchange:{name}": Expectation(adopted, holders_of(Claim.MANAGE_COUNTRY, XB), "not found")
            for name in ("edit-adoption", "adoption-step")
        },
        **{
            f"implementation:{name}": Expectation(room, only_visitors("contributor"), "not found")
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
        **{
            f"implementation:{name}": Expectation({**room, "pk": pk}, only_visitors("contributor"), "not found")
            for name, pk in (
                ("room-section", world.room_section.pk),
                ("delete-room-section", world.room_section.pk),
                ("remove-room-member", world.room.members.get().pk),
            )
        },
        # matches of a gap, study visits and what the network achieved: public
        "exchange:matches": Expectation(question={"article": "24"}),
        "exchange:destinations": Expectation({"code": "XA"}),
        "exchange:achievements": Expectation(),
        "exchange:achievement": Expectation({"kind": "asked"}),
        # practices: their owner's, those that a peer or the secretariat reads in review, and the praise of a state
        **{f"exchange:{name}": Expectation() for name in ("home", "practices", "own-practices", "practices-to-review")},
        "exchange:practices-to-publish": Expectation(),
        "exchange:add-practice": Expectation(reaches=writes),
        "exchange:practice": Expectation(public_practice),
        "exchange:practice-version": Expectation({**public_practice, "number": 1}),
        "exchange:retire-practice": Expectation(public_practice, retires, "not found"),
        **{
            f"exchange:{name}": Expectation(own_practice, only_visitors("contributor"), "not found")
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
        **{
            f"exchange:{name}": Expectation(
                {**own_practice, "language": "fr"}, only_visitors("contributor"), "not found"
            )
            for name in ("edit-practice-text", "delete-practice-text")
        },
        "exchange:review-practice": Expectation(read_practice, only_visitors("contributor"), "not found"),
        "exchange:publish-practice": Expectation(read_practice),
        "exchange:send-practice-back": Expectation(read_practice),
        "exchange:practice-leads": Expectation(nordmark, desk_of_xa),
        "exchange:decide-lead": Expectation(praise, desk_of_xa),
        "exchange:withdraw-lead-decision": Expectation(praise, desk_of_xa),
        # requests for help: their asker's, other members' of the network, its helpdesk's; and offers
        **{
            f"exchange:{name}": Expectation()
            for name in ("ask", "requests", "my-requests", "helpdesk", "offers", "add-offer")
        },
        "exchange:ask-about": Expectation({"kind": "article", "about": "7"}),
        "exchange:request": Expectation(help_request, only_visitors("reader", "contributor"), "not found"),
        **{
            f"exchange:{name}": Expectation(help_request, only_visitors("reader"), "not found")
            for name in ("judge-request", "request-counts", "withdraw-request")
        },
        "exchange:reopen-request": Expectation(
            help_request, only_visitors("reader"), "not found", instead={"reader POST": "refused"}
        ),  # a reader can no longer ask
        "exchange:enter-request": Expectation({"network": "lantern"}, runs_helpdesk, "not found"),
        **{
            f"exchange:{name}": Expectation(help_request, runs_helpdesk, "not found")
            for name in ("helpdesk-request", "take-request", "translate-request", "end-request")
        },
        "exchange:offer": Expectation(help_offer),
        "exchange:edit-offer": Expectation(help_offer, only_visitors("contributor"), "not found"),
        "exchange:offer-status": Expectation(help_offer, nothing=("POST",)),  # a POST without a status
        "monitoring:review": Expectation(finding, judged),
        "monitoring:undo-review": Expectation(finding, nothing=("POST",)),  # no one has reviewed it
        "monitoring:decide-link": Expectation({**finding, "pk": 1}, nothing=("POST",)),  # it has no link
        "monitoring:link-list": Expectation(),
        "monitoring:undo-link-decision": Expectation({}, nothing=("POST",)),  # no one has decided
        "monitoring:propose": Expectation(finding, holders_of(Claim.PROPOSE_CORRECTIONS, XA)),
        "monitoring:report-label": Expectation(finding),
        "monitoring:deal-with-remark": Expectation({"remark": world.remark.pk}, judged),
        "monitoring:work-list": Expectation(),
        "monitoring:report-work-list": Expectation(report, judged, "not found"),
        "monitoring:toggle-shortcuts": Expectation(),
        "monitoring:draw-sample": Expectation(),
        "monitoring:sample": Expectation({"sample": world.sample.pk}, only_visitors("reviewer"), "not found"),
        "monitoring:confirm-after-sample": Expectation(
            {"sample": world.sample.pk}, only_visitors("reviewer"), "not found"
        ),
        "monitoring:accept-proposal": Expectation({"proposal": world.proposal.pk}, judged),
        "monitoring:decline-proposal": Expectation({"proposal": world.proposal.pk}, judged),
        "monitoring:withdraw-proposal": Expectation(
            {"proposal": world.proposal.pk}, only_visitors("desk of XA"), "not found"
        ),
        "monitoring:reports": Expectation(),
        "monitoring:drafts": Expectation(),
        "monitoring:uploads": Expectation(),
        "monitoring:report-details": Expectation(report, published, "not found"),
        "monitoring:undecided-links": Expectation(report, published, "not found"),
        "monitoring:publish-report": Expectation(report, published, "not found"),
        "monitoring:withdraw-report": Expectation(report, published, "not found"),
        "monitoring:delete-draft": Expectation(report, published, "not found"),
        "monitoring:report": Expectation(report),
        "monitoring:text": Expectation(report),
        "monitoring:upload": Expectation(),
        "monitoring:upload-progress": Expectation({"upload": world.upload.pk}, only_visitors("editor"), "not found"),
        # measures: published ones for everyone, the rest for the state's desk
        "implementation:measures": Expectation({"code": "XA"}),
        "implementation:measure": Expectation({"public_id": world.measure.public_id}),
        "implementation:measures-by-finding": Expectation({"code": "XA"}),
        "implementation:undo-bulk-edit": Expectation({"code": "XA", "batch": world.bulk_edit}, runs_desk),
        "implementation:own-desk": Expectation(),
        **{
            f"implementation:{name}": Expectation({"code": "XA"}, runs_desk)
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
        "implementation:decide": Expectation({"code": "XA"}, runs_desk, nothing=("POST",)),  # no decision is named
        "implementation:desk-finding": Expectation({"code": "XA", **finding}, runs_desk),
        "implementation:break-up-cluster": Expectation({"code": "XA", "pk": world.cluster.pk}, runs_desk),
        "implementation:edit-plan": Expectation({"code": "XA", "public_id": world.plan.public_id}, runs_desk),
        **{
            f"implementation:{name}": Expectation({"public_id": world.measure.public_id}, runs_desk)
            for name in ("edit-measure", "change-stage", "change-visibility", "link-findings")
        },
        **{
            f"implementation:{name}": Expectation(
                {"public_id": world.measure.public_id, "pk": world.answer.pk}, runs_desk
            )
            for name in ("change-answer", "end-answer")
        },
        "meetings:make-measure": Expectation({"public_id": world.promise.public_id}, runs_desk),
        # funding: facts about states, for those who manage a state's data
        "funding:funding": Expectation(),
        "funding:table": Expectation({"form": "csv"}),
        "funding:iati": Expectation(nothing=("GET",)),  # all activities here are fictional
        "funding:activity": Expectation(lamps),
        "funding:activity-iati": Expectation(lamps),
        "funding:new": Expectation(),
        "funding:import": Expectation(),
        "funding:confirm-import": Expectation(),
        "funding:edit": Expectation(lamps, keeps_lamps),
        "funding:add-transaction": Expectation(lamps, keeps_lamps),
        "funding:add-result": Expectation(lamps, keeps_lamps),
        "funding:add-link": Expectation(lamps, keeps_lamps),
        "funding:change-part": Expectation({**lamps, "part_type": "transactions", "pk": world.money.pk}, keeps_lamps),
        "funding:remove": Expectation({**lamps, "part_type": "transactions", "pk": world.money.pk}, keeps_lamps),
        # requests for information: the desk of the state, and officials by their links
        "implementation:asks": Expectation({"code": "XA"}, manages_xa, "not found"),
        "implementation:new-ask": Expectation({"code": "XA"}, manages_xa, "not found"),
        "implementation:send-asks": Expectation({"code": "XA"}, manages_xa, "not found"),
        "implementation:ask": Expectation(body_ask, manages_xa, "not found"),
        "implementation:edit-ask": Expectation(drafted_ask, manages_xa, "not found"),
        "implementation:delete-ask": Expectation(drafted_ask, manages_xa, "not found"),
        "implementation:send-ask-again": Expectation(body_ask, manages_xa, "not found"),
        "implementation:send-ask-back": Expectation(body_ask, manages_xa, "not found"),
        "implementation:accept-ask": Expectation(body_ask, manages_xa, "not found"),
        "implementation:remind-of-ask": Expectation(body_ask, manages_xa, "not found"),
        "implementation:lapse-ask": Expectation(body_ask, manages_xa, "not found"),
        "implementation:withdraw-ask": Expectation(body_ask, manages_xa, "not found"),
        "implementation:change-ask-official": Expectation(body_ask, manages_xa, "not found"),
        "implementation:release-ask-browser": Expectation(body_ask, manages_xa, "not found"),
        "implementation:enter-ask-answers": Expectation(body_ask, manages_xa, "not found"),
        "implementation:use-ask-answer": Expectation({**body_ask, "question": 1}, nothing=("POST",)),
        "implementation:ask-file": Expectation({**body_ask, "form": "xlsx"}, manages_xa, "not found"),
        "implementation:change-ask-due-day": Expectation(body_ask, manages_xa, "not found"),
        "implementation:end-ask-emails": Expectation({"token": "none"}, nothing=METHODS),
        "implementation:ask-link": Expectation({"token": "none"}, nothing=METHODS),
        "implementation:ask-link-upload": Expectation({"token": "none"}, nothing=("POST",)),
        "implementation:ask-link-file": Expectation({"token": "none", "form": "xlsx"}, nothing=("GET",)),
        # imports and export of measures
        "implementation:imports": Expectation(nordmark, keeps_measures),
        "implementation:check-import": Expectation(nordmark, keeps_measures),
        "implementation:confirm-import": Expectation(nordmark, keeps_measures),
        "implementation:import": Expectation(imported, keeps_measures),
        "implementation:undo-import": Expectation(imported, keeps_measures),
        "implementation:measures-table": Expectation({**nordmark, "form": "csv"}),
        # meetings: their organisers, and who may create one for a network
        "meetings:meetings": Expectation(),
        "meetings:create-meeting": Expectation(reaches=plans_a_meeting),
        "meetings:meeting": Expectation(spring),
        "meetings:countries": Expectation(spring),
        "meetings:documents": Expectation(spring),
        "meetings:document": Expectation({**spring, "public_id": world.document.public_id}, runs_spring, "not found"),
        "meetings:manage": Expectation(spring, runs_spring),
        "meetings:edit-meeting": Expectation(spring, runs_spring),
        "meetings:publish-meeting": Expectation(spring, runs_spring),
        "meetings:cancel-meeting": Expectation(spring, runs_spring),
        "meetings:manage-details": Expectation(spring, runs_spring),
        "meetings:remove-organisation": Expectation({**spring, "pk": world.body.pk}, runs_spring),
        "meetings:remove-link": Expectation({**spring, "pk": world.link.pk}, runs_spring),
        "meetings:manage-documents": Expectation(spring, runs_spring),
        "meetings:withdraw-document": Expectation({**spring, "public_id": world.document.public_id}, runs_spring),
        "meetings:manage-helpers": Expectation(spring, runs_spring),
        # registration: one's own, by link and with an account; then the organisers' pages
        "meetings:register": Expectation(spring),
        "meetings:resend-link": Expectation(),
        "meetings:invitation": Expectation({**spring, "token": "none"}, nothing=METHODS),
        "meetings:registration-link": Expectation({**spring, "token": "none"}, nothing=METHODS),
        "meetings:delegation": Expectation({**spring, "token": "none"}, nothing=METHODS),
        "meetings:my-registration": Expectation(spring, nothing=METHODS),  # no visitor is registered
        "meetings:my-delegation": Expectation({**spring, "public_id": "none"}, nothing=METHODS),
        "meetings:open-registration": Expectation(spring, runs_spring),
        "meetings:manage-invitations": Expectation(spring, runs_spring),
        "meetings:resend-invitation": Expectation({**spring, "public_id": world.guest.public_id}, runs_spring),
        "meetings:withdraw-invitation": Expectation({**spring, "public_id": world.guest.public_id}, runs_spring),
        "meetings:manage-delegations": Expectation(spring, runs_spring),
        "meetings:email-delegation-head": Expectation({**spring, "public_id": world.delegation.public_id}, runs_spring),
        "meetings:change-delegation": Expectation({**spring, "public_id": world.delegation.public_id}, runs_spring),
        "meetings:end-nominations": Expectation({**spring, "public_id": world.delegation.public_id}, runs_spring),
        "meetings:manage-registrations": Expectation(spring, runs_spring),
        "meetings:export-registrations": Expectation(spring, runs_spring),
        "meetings:set-quota": Expectation(spring, runs_spring),
        "meetings:remove-quota": Expectation(spring, runs_spring),
        "meetings:manage-questions": Expectation(spring, runs_spring),
        "meetings:change-question": Expectation({**spring, "public_id": world.question.public_id}, runs_spring),
        "meetings:send-question-reminders": Expectation(spring, runs_spring),
        "meetings:move-question": Expectation({**spring, "public_id": world.question.public_id}, runs_spring),
        "meetings:remove-question": Expectation({**spring, "public_id": world.question.public_id}, runs_spring),
        "meetings:registration-summary": Expectation(spring, runs_spring),
        "meetings:register-group": Expectation(spring, runs_spring),
        "meetings:manage-registration": Expectation({**spring, "public_id": world.registration.public_id}, runs_spring),
        "meetings:end-duty": Expectation({**spring, "pk": world.duty.pk}, runs_spring),
        # the programme: public once published, edited by the organisers
        "meetings:programme": Expectation(spring),
        "meetings:versions": Expectation(spring),
        "meetings:versions-feed": Expectation(spring),
        "meetings:speakers": Expectation(spring),
        "meetings:speaker-page": Expectation({**spring, "token": "none"}, nothing=METHODS),
        **{
            f"meetings:schedule-{form}": Expectation(spring, nothing=("GET",)) for form in ("ics", "json", "xml")
        },  # no programme is published
        "meetings:session": Expectation({**spring, "session": world.talk.public_id}, nothing=("GET",)),
        **{
            f"meetings:{name}": Expectation(spring, runs_spring)
            for name in (
                "manage-agenda",
                "manage-programme",
                "manage-grid",
                "manage-places",
                "manage-availability",
                "publish-programme",
                "new-session",
            )
        },
        "meetings:add-suggested-session": Expectation({**spring, "article": 20}, runs_spring),
        "meetings:remove-place": Expectation(spring, runs_spring),
        "meetings:remove-availability": Expectation(spring, runs_spring),
        **{
            f"meetings:{name}": Expectation({**spring, "session": world.talk.public_id}, runs_spring)
            for name in (
                "edit-session",
                "move-session",
                "copy-session",
                "cancel-session",
                "remove-session",
                "session-people",
            )
        },
        # on site
        "meetings:letter": Expectation({"code": "AAAA-AAAA-AAAA"}, nothing=METHODS),  # an unknown code
        "meetings:manage-day": Expectation(spring, runs_spring),
        "meetings:walk-in": Expectation(spring, runs_spring),
        "meetings:resolve-walk-in": Expectation(spring, runs_spring),
        "meetings:manage-letters": Expectation(spring, runs_spring),
        "meetings:revoke-letter": Expectation({**spring, "code": "AAAA-AAAA-AAAA"}, runs_spring, nothing=("POST",)),
        "meetings:badges": Expectation(spring, runs_spring),
        "meetings:photographs": Expectation(spring, runs_spring),
        "meetings:my-letters": Expectation(spring, nothing=METHODS),  # no visitor has a place
        "meetings:check-in": Expectation(spring, runs_spring),
        "meetings:check-in-participant": Expectation(spring, runs_spring),
        "meetings:undo-check-in": Expectation(spring, runs_spring),
        "meetings:check-in-people": Expectation(spring, runs_spring),
        "meetings:merge-check-ins": Expectation(spring, runs_spring),
        "meetings:check-in-worker": Expectation(spring, runs_spring),
        "meetings:now": Expectation(spring),
        "meetings:now-events": Expectation(spring),
        "meetings:my-calendar": Expectation({**spring, "token": "none"}, nothing=("GET",)),
        "meetings:my-schedule": Expectation(spring),
        "meetings:make-calendar": Expectation(spring),
        "meetings:suggested-contacts": Expectation(spring, nothing=("GET",)),  # no visitor has a place
        "meetings:agree-to-suggestions": Expectation(spring, nothing=("POST",)),
        "meetings:ask-for-talk": Expectation(spring, nothing=("POST",)),
        "meetings:choose-session": Expectation(
            {**spring, "verb": "choose"}, nothing=("POST",)
        ),  # an empty POST names no session
        "meetings:schedule-by-link": Expectation({**spring, "token": "none"}, nothing=("GET",)),
        "meetings:make-calendar-by-link": Expectation({**spring, "token": "none"}, nothing=("POST",)),
        "meetings:choose-by-link": Expectation({**spring, "token": "none", "verb": "choose"}, nothing=("POST",)),
        "meetings:one-to-one": Expectation(spring, nothing=("GET",)),
        "meetings:one-to-one-opt-in": Expectation(spring, nothing=("POST",)),
        "meetings:request-one-to-one": Expectation({**spring, "recipient_id": "none"}, nothing=METHODS),
        "meetings:answer-one-to-one": Expectation({**spring, "public_id": "none", "verb": "accept"}, nothing=("POST",)),
        "meetings:manage-encounter-times": Expectation(spring, runs_spring),
        "meetings:remove-encounter-time": Expectation(spring, runs_spring),
        # outcomes: public, recorded by the organisers
        "meetings:commitments": Expectation(),
        "meetings:commitments-csv": Expectation(),
        "meetings:commitments-xlsx": Expectation(),
        "meetings:commitment": Expectation(
            {"public_id": world.promise.public_id},
            instead={f"{visitor.name} POST": "not found" for visitor in VISITORS if not says_how_it_goes(visitor)},
        ),
        "meetings:commitment-progress": Expectation({"token": "none"}, nothing=METHODS),
        "meetings:commitment-progress-detail": Expectation(
            {"token": "none", "public_id": world.promise.public_id}, nothing=METHODS
        ),
        "meetings:outcomes": Expectation(spring),
        "meetings:manage-outcomes": Expectation(spring, runs_spring, "not found"),
        **{
            f"meetings:{name}": Expectation({**spring, "public_id": world.talk.public_id}, runs_spring, "not found")
            for name in ("record", "outcomes-screen", "show-outcomes", "close-record")
        },
        **{
            f"meetings:{name}": Expectation({**spring, "public_id": world.promise.public_id}, runs_spring, "not found")
            for name in ("correct-outcome", "retract-outcome")
        },
        "meetings:commitment-contact": Expectation({**spring, "public_id": world.promise.public_id}, runs_spring),
        "meetings:publish-outcome": Expectation({**spring, "public_id": world.promise.public_id}, runs_spring),
        "meetings:survey": Expectation(spring, nothing=METHODS),  # no visitor takes part
        "meetings:survey-by-link": Expectation({**spring, "token": "none"}, nothing=METHODS),
        "meetings:participants": Expectation(spring),
        "meetings:manage-survey": Expectation(spring, runs_spring),
        "meetings:remove-survey-question": Expectation({**spring, "question": world.survey_question.pk}, runs_spring),
        "meetings:manage-report": Expectation(spring, runs_spring),
        "meetings:report-docx": Expectation(spring, runs_spring),
        "meetings:report-pdf": Expectation(spring, runs_spring),
        # the call for contributions, and imports from other systems
        "meetings:call": Expectation(spring),
        "meetings:submit-contribution": Expectation(spring),
        "meetings:submit-by-link": Expectation({**spring, "token": "none"}, nothing=METHODS),
        "meetings:my-contribution": Expectation(offered, only_visitors("reader"), "not found"),
        "meetings:review-contributions": Expectation(spring, runs_spring, "not found"),
        "meetings:review-contribution": Expectation(offered, runs_spring, "not found"),
        "meetings:manage-contributions": Expectation(spring, runs_spring),
        "meetings:decide-contribution": Expectation(offered, runs_spring),
        "meetings:manage-exchange": Expectation(spring, runs_spring),
        "meetings:import-programme": Expectation(spring, runs_spring),
        "meetings:export-programme": Expectation({**spring, "form": "schedule.xml"}, runs_spring),
        # signing in
        "openid_connect_login": Expectation({"provider_id": "none"}, nothing=METHODS),
        "openid_connect_callback": Expectation({"provider_id": "none"}, nothing=METHODS),
        "account_login": Expectation(),
        "mfa_authenticate": Expectation(instead=back_to_sign_in),
        "mfa_login_webauthn": Expectation(instead=back_to_sign_in),
        "socialaccount_login_cancelled": Expectation(),
        "socialaccount_login_error": Expectation(),
        "account_inactive": Expectation(),
        "account_confirm_login_code": Expectation(instead=back_to_sign_in),
        "account_logout": Expectation(),
        "account_signup": Expectation(),
        "socialaccount_signup": Expectation(instead={visitor.name: "sign-in" for visitor in VISITORS}),
        "account_reset_password": Expectation(),
        "account_reset_password_done": Expectation(),
        "account_reset_password_from_key": Expectation({"uidb36": "1", "key": "none"}),
        "account_reset_password_from_key_done": Expectation(),
        "account_email_verification_sent": Expectation(),
        "account_confirm_email": Expectation({"key": "none"}, nothing=("POST",)),
        # own account
        "account_reauthenticate": Expectation(),
        "mfa_reauthenticate": Expectation(),
        "mfa_reauthenticate_webauthn": Expectation(instead={"editor POST": "sign-in"}),
        "account_email": Expectation(),
        "account_change_password": Expectation(),
        "account_set_password": Expectation(),
        "mfa_index": Expectation(),
        "mfa_activate_totp": Expectation(),
        "mfa_deactivate_totp": Expectation(nothing=METHODS),  # no visitor has one
        "mfa_view_recovery_codes": Expectation(nothing=("GET",)),  # no visitor has any
        "mfa_generate_recovery_codes": Expectation(),
        "mfa_download_recovery_codes": Expectation(nothing=("POST",)),  # no visitor has any
        "mfa_list_webauthn": Expectation(),
        "mfa_add_webauthn": Expectation(),
        "mfa_remove_webauthn": Expectation(their_passkey, only_visitors("editor"), "not found"),
        "mfa_edit_webauthn": Expectation(their_passkey, only_visitors("editor"), "not found"),
        "usersessions_list": Expectation(),
        "socialaccount_connections": Expectation(),
        "network:account": Expectation(),
        "network:form-drafts": Expectation(),
        "network:second-factor": Expectation(),
        "network:end-session": Expectation({"pk": world.session}, only_visitors("editor"), "not found"),
        # invitations
        "network:open-invitation": Expectation({"token": "none"}, nothing=("GET",)),
        "network:accept-invitation": Expectation(nothing=METHODS),
        "network:invitations": Expectation(),
        "network:resend-invitation": Expectation(
            {"public_id": world.invitation.public_id}, holders_of(Claim.INVITE, LANTERN), "not found"
        ),
        "network:withdraw-invitation": Expectation(
            {"public_id": world.invitation.public_id}, holders_of(Claim.INVITE, LANTERN), "not found"
        ),
        "network:outbox": Expectation(),
        # roles and permissions
        "network:open-staff-session": Expectation(),
        "network:close-staff-session": Expectation(),
        "network:staff-sessions": Expectation(),
        "network:roles": Expectation(),
        "network:account-rights": Expectation(account),
        "network:give-role": Expectation(account),
        "network:end-role": Expectation({**account, "grant": world.grant.pk}),
        "network:refuse-claim": Expectation(account),
        "network:end-refusal": Expectation({**account, "refusal": world.refusal.pk}),
        "network:deactivate-account": Expectation(account),
        "network:reactivate-account": Expectation(account),
        "network:remove-second-factor": Expectation(account),
        "network:sign-out-everywhere": Expectation(account),
        "network:audit-log": Expectation(),
        "network:all-staff-sessions": Expectation(),
        "network:export-audit-log": Expectation({"form": "csv"}),
        "network:trace-accesses": Expectation(),
        "network:export-accesses": Expectation(question=a_person_and_times),
        # questions through the secretariat
        "network:ask-member": Expectation(member, can_see_member, "not found"),
        "network:my-questions": Expectation(),
        "network:stop-questions": Expectation(reaches=with_an_entry),
        "network:my-question": Expectation(asked, asker, "not found"),
        "network:decline-to-answer": Expectation(
            asked, asker, "not found", instead={"reader": "refused"}
        ),  # it belongs to the member
        "network:close-question": Expectation(asked, asker, "not found"),
        "network:pending-questions": Expectation(),
        "network:pending-question": Expectation(asked, decides, "not found"),
        "network:forward-question": Expectation(asked, decides, "not found"),
        "network:decline-question": Expectation(asked, decides, "not found"),
        "network:ask-sender": Expectation(asked, decides, "not found"),
        # my data, erasure, retention
        "network:privacy": Expectation(),
        "network:record-of-processing": Expectation(),
        "network:my-data": Expectation(),
        "network:erase-my-data": Expectation(),
        "network:erasure-complete": Expectation(),
        "network:erasure-requests": Expectation(),
        "network:erase-person": Expectation(member, holders_of(Claim.ERASE_PEOPLE, *IN_LANTERN), "not found"),
        "network:retention": Expectation(),
        # people, networks, organisations
        "network:directory": Expectation(),
        "network:person": Expectation(member, can_see_member, "not found"),
        "network:photograph": Expectation(member, nothing=("GET",)),
        "network:manage-person": Expectation(member, manages_member, "not found"),
        "network:invite-person": Expectation(
            {"public_id": world.without_account.public_id}, manages_member, "not found"
        ),
        "network:set-risk": Expectation(member, manages_member, "not found"),
        "network:record-basis": Expectation(member, manages_member, "not found"),
        "network:end-basis": Expectation({**member, "basis": world.basis.pk}, manages_member, "not found"),
        "network:remove-photograph-of": Expectation(member, manages_member, "not found"),
        "network:appoint": Expectation({**member, **lantern}, manages_member, "not found"),
        "network:profile": Expectation(),
        "network:end-protection": Expectation(nothing=METHODS),  # no visitor at risk signs in
        "network:set-photograph": Expectation(reaches=with_an_entry, otherwise="not found"),
        "network:remove-photograph": Expectation(reaches=with_an_entry, otherwise="not found"),
        "network:profile-preview": Expectation({"seen_as": "public"}, with_an_entry, "not found"),
        "network:consents": Expectation(),
        "network:give-consent": Expectation({"purpose": "directory"}, reaches=with_an_entry, otherwise="not found"),
        "network:withdraw-consent": Expectation({"purpose": "directory"}, reaches=with_an_entry, otherwise="not found"),
        "network:networks": Expectation(),
        "network:new-network": Expectation(),
        "network:network": Expectation(lantern),
        "network:network-people-json": Expectation(lantern),
        "network:network-people-csv": Expectation(lantern),
        "network:network-feed": Expectation(lantern),
        "network:edit-network": Expectation(lantern, holders_of(Claim.MANAGE_NETWORKS, LANTERN)),
        "network:network-members": Expectation(lantern, manages_lantern),
        "network:add-member": Expectation(lantern, manages_lantern),
        "network:export-members": Expectation(lantern, takes_lantern_out),
        "network:network-seats": Expectation(lantern, manages_lantern),
        "network:end-seat": Expectation({**lantern, "seat": world.seat.pk}, manages_lantern),
        "network:end-term": Expectation({"public_id": world.term_data.public_id}, manages_lantern, "not found"),
        "network:organisations": Expectation(),
        "network:organisation": Expectation({"public_id": "lamp-house"}),
        "network:edit-organisation": Expectation({"public_id": "lamp-house"}, manages_member),
    }


@dataclass
class World:
    """One object of each kind, and the browser session of each signed-in visitor."""

    keys: dict[str, str] = field(default_factory=dict)  # name of a visitor → session key of their browser
    things: SimpleNamespace = field(default_factory=SimpleNamespace)


def build_world() -> World:
    world = World()
    it = world.things
    load_convention()
    networks = {"lantern": make_network("lantern"), "harbour": make_network("harbour")}
    accounts = {}
    for visitor in VISITORS:
        if visitor.signed_in:
            accounts[visitor.name] = _account_of(visitor, networks)
            world.keys[visitor.name] = _session_key_of(visitor, accounts[visitor.name])
    it.report = make_report(
        b"a fictional report of every address", make_reading([make_finding(1, strength=None)], state="XA")
    )
    it.finding = it.report.findings.get()
    editor = accounts["editor"]
    it.upload = Upload.objects.create(
        id=UUID(int=7), uploaded_by=editor, content_hash="7" * 64, filename="a.pdf", size=1, body="auto"
    )
    it.proposal = CorrectionProposal.objects.create(
        report=it.report,
        finding=it.finding,
        label={**get_label(it.finding), "review": "rejected"},
        reason="softer",
        proposed_by=accounts["desk of XA"],
    )
    it.remark = remark_on_label(finding=it.finding, part="strength")
    it.follow = Follow.objects.create(account=accounts["reader"], kind="country", key="XA")
    it.report_draft = make_draft(it.report)
    it.edited = make_edited_file(it.report_draft)
    it.note = it.report_draft.notes.create(kind="comment", text="Which day?", section_id="s1")
    it.published = make_draft(it.report)
    make_submission(it.published)
    it.sample = ReviewSample.objects.create(finding_ids=[], matching=0, drawn_by=accounts["reviewer"])
    it.money = make_activity()
    it.indicator = shared_indicator("family-places")
    enter(it.indicator, 2024, 40)
    publish(it.indicator)
    it.own_indicator = Indicator.objects.create(
        key="own", state_id="XA", titles={"en": "Lamps"}, unit="other", direction="higher"
    )
    make_duty()
    it.body_ask, it.drafted_ask = make_ask(), make_ask(sent=False)
    it.measure = make_measure()
    it.bulk_edit = make_bulk_edit(make_measure(), by=accounts["desk of XA"])
    it.plan = measures.save_plan(by=None, state="XA", values={"title": "A plan of Nordmark"}, chapters=["One"])
    it.answer = measures.link_answer(by=None, measure=it.measure, finding=it.finding)
    it.cluster = measures.make_cluster(by=None, state="XA", title="Shelters", findings=[it.finding])
    it.measure_import = MeasureImport.objects.create(state_id="XA", by=accounts["desk of XA"])
    it.passkey = _make_passkey(editor)
    it.session = editor.usersession_set.get().pk
    it.member_account = make_account(Role.READER)
    it.grant = it.member_account.grants.get()
    it.refusal = models.Refusal.objects.create(
        account=it.member_account,
        claim=Claim.ASK_QUESTION,
        since=timezone.now(),
        reason="a fictional conflict of interest",
    )
    it.member = make_person(
        account=it.member_account,
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
        details={Field.NAME: "Lamp Keeper (fictional)"},
    )
    make_person(account=accounts["contributor"])
    it.basis = it.member.bases.first()
    it.term_data = make_membership(networks["lantern"], it.member)
    it.without_account = make_person(details={Field.NAME: "Wick Trimmer (fictional)"})
    make_membership(networks["lantern"], it.without_account)
    organisation = models.Organisation.objects.create(
        public_id="lamp-house", name="Lamp House", kind="shelter_ngo", state_id="XA", fictional=True
    )
    it.seat = models.Seat.objects.create(network=networks["lantern"], organisation=organisation)
    _make_evidence_and_room(it, accounts["contributor"], organisation, networks["lantern"])
    praise = make_report(
        b"praise of every address",
        make_reading([make_finding(8, strength=Strength.WELCOMES)], state="XA", reference="GREVIO(2024)10"),
    )
    it.practices = make_practices_to_visit(organisation, desk="XA", praise=praise.findings.get())
    it.help_request = HelpRequest.objects.create(
        by=accounts["reader"], network=networks["lantern"], problem="At night", situation="By day", status="answered",
        answered_at=timezone.now(),
    )  # fmt: skip
    it.help_offer = Offer.objects.create(
        by=accounts["contributor"], organisation=organisation, state_id="XA", title="A call", help=["call"]
    )
    it.introduction, it.adoption = make_exchange_to_visit(
        accounts["contributor"], accounts["reader"], networks["lantern"], it.practices["published_practice"]
    )
    it.ask = models.MemberQuestion.objects.create(
        by=accounts["reader"], to=it.member, network=networks["lantern"], subject="How do you count?"
    )
    models.QuestionMessage.objects.create(ask=it.ask, side=models.QuestionMessage.Side.SENDER, text="How do you count?")
    it.spring = make_meeting(public_id="spring", network=networks["lantern"])
    it.guest = it.spring.invitations.create(
        email="guest@network.example", token_hash="none", expires_at=timezone.now() + timedelta(days=9)
    )
    it.delegation = it.spring.delegations.create(state_id="XA", places=2)
    it.question = it.spring.questions.create(text={"en": "What do you eat?"}, delete_on="2027-01-01")
    it.registration = it.spring.registrations.create(status="confirmed")
    it.document = it.spring.documents.create(
        title={"en": "For organisers"},
        access="organisers",
        content_hash=store_private_file(b"samsvar meeting document\nFor organisers."),
        filename="a.txt",
        format="text",
        size=15,
    )
    it.body = it.spring.organisations.create(organisation=organisation, role="host")
    it.link = it.spring.links.create(kind="article", key="20")
    it.duty = it.spring.duties.create(
        account=it.member_account, kind="review", until=timezone.now() + timedelta(days=1)
    )
    it.talk = make_session(it.spring)
    it.promise = make_commitment(it.spring, state="XA", session=it.talk)
    it.survey_question = make_survey_question(it.spring)
    it.contribution = make_contribution(it.spring, account=accounts["reader"])
    it.invitation = models.Invitation.objects.create(
        token_hash="0" * 64,
        email="invited@network.example",
        network=networks["lantern"],
        expires_at=timezone.now() + timedelta(days=7),
    )
    return world


def _make_evidence_and_room(
    it: Any, contributor: models.Account, organisation: models.Organisation, network: models.Network
) -> None:
    """Make evidence of both sides, and a room of an organisation that the contributor represents."""
    make_membership(network, contributor.person, organisation=organisation)
    it.evidence = make_evidence(it.measure)
    it.offered_evidence = make_evidence(
        it.measure,
        side="civil_society",
        organisation=organisation,
        status="offered",
        filename="a.txt",
        format="text",
        content_hash=hash_content(b"For Lamp House."),
        stored_hash=store_private_file(EVIDENCE_PREFIX + b"For Lamp House."),
    )
    it.room = make_room(contributor, organisation, report=it.report)
    it.room_section = room_actions.add_section(by=contributor, room=it.room, heading="For the members")
    room_actions.save_section(by=contributor, room=it.room, section=it.room_section, text="Only ours", seen=0)
    it.comment = room_actions.publish_room(by=contributor, room=it.room)


def _account_of(visitor: Visitor, networks: dict[str, models.Network]) -> models.Account:
    account = make_account()
    for role, scope in visitor.grants:
        models.RoleGrant.objects.create(
            account=account, role=role, since=timezone.now(), **_scope_fields(scope, networks)
        )
    for claim, scope in visitor.refusals:
        models.Refusal.objects.create(
            account=account, claim=claim, since=timezone.now(), reason="for this test", **_scope_fields(scope, networks)
        )
    return account


def _scope_fields(scope: Scope, networks: dict[str, models.Network]) -> dict[str, Any]:
    return {
        "state_id": scope.state or None,
        "network": networks[scope.network] if scope.network else None,
        "meeting": scope.meeting,
    }


def _session_key_of(visitor: Visitor, account: models.Account) -> str:
    client = sign_in(
        Client(),
        account,
        second_factor=visitor.second_factor,
        staff_session="to go to every address" if visitor.staff_session else "",
    )
    from allauth.usersessions.models import UserSession

    session = client.session  # changing sign-in methods requires reauthentication
    session["account_authentication_methods"] = [
        {**record, "reauthenticated": True} for record in session["account_authentication_methods"]
    ]
    session.save()
    key: str = session.session_key or ""
    UserSession.objects.get_or_create(session_key=key, user=account, ip="127.0.0.1")
    return key


def _make_passkey(account: models.Account) -> int:
    from allauth.mfa.models import Authenticator

    passkey = Authenticator.objects.create(
        user=account, type=Authenticator.Type.WEBAUTHN, data={"name": "fictional", "credential": PASSKEY}
    )
    return passkey.pk


# --- Visiting the addresses -------------------------------------------------------------------------------------------

ROUTES = {route.name: route for route in all_routes()}
NAMES = sorted(ROUTES)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Build the world once for this module and roll it back at the end; each visit is rolled back at once."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


def expected_outcome(route: Route, row: Expectation, visitor: Visitor, method: str) -> str:
    """Return the outcome that the library's permissions and the expectation give for this visitor."""
    assert route.door is not None
    at_the_door = OUTCOMES[visitor.meets(route.door)]
    if at_the_door != "opens":
        return at_the_door
    if method in row.nothing:
        return "not found"
    if method not in route.methods:
        return "no such request"
    if not row.reaches(visitor):
        return row.otherwise
    return row.instead.get(f"{visitor.name} {method}", row.instead.get(visitor.name, "opens"))


# Those who see what everyone sees: a public page without further conditions is not visited as the others too.
ALWAYS_VISITED = {"nobody known", "without a role", "every role", "every role, refused everything"}


def visits(route: Route, row: Expectation) -> Iterator[tuple[Visitor, str]]:
    """Yield all visitors for each accepted method of a non-public page, else those in `ALWAYS_VISITED`."""
    public = route.door is Claim.READ_PUBLIC and row.reaches is everyone
    for visitor in VISITORS:
        for method in METHODS:
            if visitor.name in ALWAYS_VISITED or (method in route.methods and not public):
                yield visitor, method


def visit(client: Client, method: str, address: str) -> str:
    """Request the address and return the kind of response. A POST is empty: only the permission is tested."""
    with transaction.atomic():
        response = client.post(address) if method == "POST" else client.get(address)
        if response.streaming:  # to the end, which closes its source
            list(response.streaming_content)
        transaction.set_rollback(True)
    match response.status_code:
        case 403:
            return "refused"
        case 404:
            return "not found"
        case 405:
            return "no such request"
        case 301 | 302 | 303:
            return _redirect_outcome(response["Location"].partition("?")[0])
        case code if code < 500:
            return "opens"
    return f"broken: {response.status_code}"


def _redirect_outcome(path: str) -> str:
    asked_for = {
        reverse("account_login"): "sign-in",
        reverse("network:second-factor"): "second factor",
        reverse("network:open-staff-session"): "staff session",
    }
    return asked_for.get(path, "opens")


CLIENT = Client(raise_request_exception=False)  # shared: building its middleware costs more than most responses


def browser(world: World, visitor: Visitor) -> Client:
    key = world.keys.get(visitor.name)
    CLIENT.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: key} if key else {})
    return CLIENT


@pytest.mark.parametrize("name", NAMES)
def test_every_address_is_accessible_only_to_those_the_table_allows(world, name, monkeypatch, settings, caplog):
    route, row = ROUTES[name], expectations(world.things)[name]
    # each visit is rolled back, so the time of the last request would be saved by each again
    monkeypatch.setattr(sessions, "SAVE_INTERVAL", settings.SAMSVAR_SESSION_SECONDS)
    caplog.set_level(logging.WARNING, "samsvar.security")  # a line for each refusal, of which there are thousands
    monkeypatch.setattr(Template, "render", lambda *_a, **_k: "")  # access is decided before a page is rendered
    # counting a person's rows in one of the hundred categories is enough: who may see the counts depends on none
    categories = [category for category in data_categories() if category.key == "seen"]
    for counting in (my_data, erasure):
        monkeypatch.setattr(counting, "data_categories", lambda: categories)
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    settings.ACCOUNT_RATE_LIMITS = False
    settings.SAMSVAR_RATE_LIMITS = dict.fromkeys(settings.SAMSVAR_RATE_LIMITS, "100000/m/ip")  # none is reached
    address = reverse(name, kwargs=row.kwargs) if not name.startswith("/") else name
    if row.question:
        address += "?" + "&".join(f"{key}={value}" for key, value in row.question.items())
    should, does = {}, {}
    for visitor, method in visits(route, row):
        should[visitor.name, method] = expected_outcome(route, row, visitor, method)
        does[visitor.name, method] = visit(browser(world, visitor), method, address)
    assert {who: (does[who], said) for who, said in should.items() if does[who] != said} == {}


def test_every_address_has_an_expectation_and_every_expectation_an_address(world):
    known = set(expectations(world.things))
    assert (sorted(set(NAMES) - known), sorted(known - set(NAMES))) == ([], [])


def test_every_address_requires_a_permission():
    assert [route.pattern for route in ROUTES.values() if route.door is None] == []


def test_no_two_addresses_share_a_name():
    assert len(ROUTES) == len(all_routes())


def test_every_kind_of_response_occurs_and_every_visitor_is_admitted_and_refused(world):
    """Check that the table is not vacuous: each refusal occurs, and each visitor is admitted and refused somewhere."""
    table = expectations(world.things)
    kinds: dict[str, set[str]] = {}
    for name, route in ROUTES.items():
        for visitor, method in visits(route, table[name]):
            kinds.setdefault(visitor.name, set()).add(expected_outcome(route, table[name], visitor, method))
    assert set().union(*kinds.values()) == {
        "opens", "sign-in", "second factor", "staff session", "refused", "not found", "no such request",
    }  # fmt: skip
    assert all("opens" in met_by for met_by in kinds.values())
    assert all(met_by & {"refused", "sign-in"} for name, met_by in kinds.items() if name != "every role")


def test_the_table_in_the_docs_matches_the_code():
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python tools/rights.py"
