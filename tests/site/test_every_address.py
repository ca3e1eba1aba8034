"""Every address of the site, by GET and by POST, as everybody: it opens to whom the table says, and to nobody else.

Each address has a row in `ROWS` that says which thing stands at it in the world below, and who may reach that thing
when the door is open. An address without a row fails, and so does a row without an address. What somebody meets is
worked out from the library alone (`samsvar.network.rights.answer`), and compared with what the site does.
"""

from __future__ import annotations

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

from samsvar.network.consent import Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import (
    ANYTHING,
    NEVER_REFUSED,
    Answer,
    Claim,
    Grant,
    Refusal,
    Role,
    Scope,
    answer,
    joined,
)
from samsvar.site.convention.actions import load_convention
from samsvar.site.monitoring.models import Upload
from samsvar.site.network import models
from samsvar.site.shell.uploads import store_private
from tests.factories.attacks import PASSKEY
from tests.factories.funding import make_activity
from tests.factories.meetings import make_contribution, make_meeting, make_promise, make_session, make_survey
from tests.factories.people import join, make_account, make_network, make_person, sign_in
from tests.factories.reports import a_finding, a_reading, make_report
from tools.rights import MEETS, PAGE, Route, routes, table

pytestmark = pytest.mark.django_db  # within the world's own transaction: see `world`

LANTERN, HARBOUR = Scope(network="lantern"), Scope(network="harbour")
XA, XB = Scope(state="XA"), Scope(state="XB")
SPRING = Scope(meeting="spring")


# --- Who comes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """Somebody with an account, or without one; what they were given, refused and have shown."""

    name: str
    grants: tuple[tuple[Role, Scope], ...] = ()
    refusals: tuple[tuple[Claim, Scope], ...] = ()
    signed_in: bool = True
    second_factor: bool = False
    staff_session: bool = False

    def meets(self, claim: Claim, *scopes: Scope) -> Answer:
        """The library's answer: at a door without scopes, else about a thing that lies in all of them."""
        return joined(
            answer(
                claim,
                signed_in=self.signed_in,
                grants=[Grant(role, scope) for role, scope in self.grants],
                refusals=[Refusal(refused, scope) for refused, scope in self.refusals],
                asked=scope,
                moment=timezone.now(),
                second_factor=self.second_factor,
                staff_session=self.staff_session,
            )
            for scope in (scopes or (None,))
        )

    def holds(self, claim: Claim, *scopes: Scope) -> bool:
        return self.meets(claim, *scopes) is Answer.YES


def staff(name: str, role: Role, scope: Scope = ANYTHING) -> list[Visitor]:
    """The same role with nothing shown, with a second factor, and in a staff session besides."""
    grants = ((role, scope),)
    return [
        Visitor(f"{name}, only signed in", grants),
        Visitor(f"{name}, second factor", grants, second_factor=True),
        Visitor(name, grants, second_factor=True, staff_session=True),
    ]


EVERY_ROLE = (
    *((role, ANYTHING) for role in Role if role not in {Role.NATIONAL_DESK, Role.ORGANISER}),
    (Role.NATIONAL_DESK, XA),
    (Role.ORGANISER, SPRING),
)
VISITORS = [
    Visitor("nobody known", signed_in=False),
    Visitor("without a role"),
    Visitor("reader", ((Role.READER, ANYTHING),)),
    Visitor("reader of one network", ((Role.READER, HARBOUR),)),
    Visitor("contributor", ((Role.CONTRIBUTOR, ANYTHING),)),
    Visitor("editor", ((Role.EDITOR, ANYTHING),)),
    Visitor("editor, refused XA", ((Role.EDITOR, ANYTHING),), ((Claim.JUDGE_FINDINGS, XA),)),
    Visitor("reviewer", ((Role.REVIEWER, ANYTHING),)),
    Visitor("desk of XA", ((Role.NATIONAL_DESK, XA),)),
    Visitor("desk of XB", ((Role.NATIONAL_DESK, XB),)),
    Visitor("organiser", ((Role.ORGANISER, SPRING),)),
    *staff("secretariat", Role.SECRETARIAT),
    Visitor("secretariat of harbour", ((Role.SECRETARIAT, HARBOUR),), second_factor=True, staff_session=True),
    Visitor("secretariat of lantern", ((Role.SECRETARIAT, LANTERN),), second_factor=True, staff_session=True),
    Visitor(
        "secretariat, refused lantern",
        ((Role.SECRETARIAT, ANYTHING),),
        tuple((claim, LANTERN) for claim in (Claim.MANAGE_PEOPLE, Claim.ANSWER_ASKS, Claim.INVITE, Claim.ERASE_PEOPLE)),
        second_factor=True,
        staff_session=True,
    ),
    *staff("auditor", Role.AUDITOR)[:2],
    *staff("administrator", Role.ADMINISTRATOR),
    Visitor("every role", EVERY_ROLE, second_factor=True, staff_session=True),
    Visitor(
        "every role, refused everything",
        EVERY_ROLE,
        tuple((claim, ANYTHING) for claim in Claim if claim not in NEVER_REFUSED),
        second_factor=True,
        staff_session=True,
    ),
]


# --- What stands at the addresses -------------------------------------------------------------------------------------

BOTH = ("GET", "POST")
Reaches = Callable[[Visitor], bool]


def everybody(visitor: Visitor) -> bool:
    return True


def only(*names: str) -> Reaches:
    """A thing that belongs to these visitors."""
    return lambda visitor: visitor.name in names


def who_holds(claim: Claim, *scopes: Scope) -> Reaches:
    """Who holds a claim about a thing that lies in these scopes."""
    return lambda visitor: visitor.holds(claim, *scopes)


@dataclass(frozen=True)
class Row:
    """The thing at one address: how it is named there, who reaches it when the door is open, and what others are told.

    `otherwise` is "refused" (403) where everybody may know that the thing is there, and "not found" where not.
    `nothing` names the requests for which there is nothing at the address for anybody here: a link that was used.
    """

    kwargs: dict[str, Any] = field(default_factory=dict)
    reaches: Reaches = everybody
    otherwise: str = "refused"
    nothing: tuple[str, ...] = ()
    question: dict[str, str] = field(default_factory=dict)  # of the address: ?person=…
    instead: dict[str, str] = field(default_factory=dict)  # by visitor, or visitor and request


# A person of lantern: everybody who reads the directory there, and whose secretariat one is.
IN_LANTERN = (ANYTHING, LANTERN)


def sees_member(visitor: Visitor) -> bool:
    return visitor.holds(Claim.SEE_DIRECTORY, *IN_LANTERN) or visitor.holds(Claim.MANAGE_PEOPLE, *IN_LANTERN)


def rows(world: Any) -> dict[str, Row]:
    """Every address by its name, with the thing that stands there."""
    report = {"public_id": world.report.public_id}
    finding = {"public_id": world.finding.public_id}
    account = {"public_id": world.member_account.public_id}
    member = {"public_id": world.member.public_id}
    lantern = {"slug": "lantern"}
    asked = {"public_id": world.ask.public_id}
    judged = who_holds(Claim.JUDGE_FINDINGS, XA)
    manages_member = who_holds(Claim.MANAGE_PEOPLE, *IN_LANTERN)
    manages_lantern = who_holds(Claim.MANAGE_PEOPLE, LANTERN)
    decides = who_holds(Claim.ANSWER_ASKS, LANTERN)
    lamps = {"slug": "xa-lamps"}
    keeps_lamps = who_holds(Claim.MANAGE_FUNDING, ANYTHING, XA)
    exports_lantern = who_holds(Claim.EXPORT_PEOPLE, LANTERN)

    spring = {"slug": "spring"}
    offered = {**spring, "public_id": world.contribution.public_id}
    runs_spring = who_holds(Claim.MANAGE_MEETING, SPRING)

    def says_how_it_goes(visitor: Visitor) -> bool:
        return runs_spring(visitor) or visitor.holds(Claim.MANAGE_COUNTRY, XA)  # the promise is XA's

    def plans_a_meeting(visitor: Visitor) -> bool:
        return visitor.holds(Claim.PLAN_MEETINGS, LANTERN) or visitor.holds(Claim.PLAN_MEETINGS, HARBOUR)

    def takes_lantern_out(visitor: Visitor) -> bool:
        return exports_lantern(visitor) and manages_lantern(visitor)  # nobody takes out whom they may not see

    asker = only("reader")
    with_an_entry = only("contributor")
    back_to_sign_in = {"nobody known": "sign-in"}  # there is nothing to go on with
    their_passkey = {"pk": world.passkey}
    a_person_and_times = {"person": "0123456789abcdef", "since": "2026-11-01T00:00", "until": "2026-11-02T00:00"}
    return {
        # the front door and files
        "/": Row(),
        "/robots.txt": Row(),
        "/.well-known/security.txt": Row(nothing=("GET",)),  # a test's site names no address for reports
        "files:page-picture": Row({**report, "page": 9}, nothing=("GET",)),
        "files:report": Row(report),
        "files:cite": Row({**finding, "form": "bib"}),
        # pages
        "pages:home": Row(),
        "pages:map": Row(),
        "pages:countries": Row(),
        "pages:country": Row({"code": "XA"}),
        "pages:articles": Row(),
        "pages:article": Row({"number": 7}),
        "pages:matrix": Row(),
        "pages:about-data": Row(),
        "search:search": Row(),
        # findings and reports
        "monitoring:findings": Row(),
        "monitoring:finding": Row(finding),
        "monitoring:review": Row(finding, judged),
        "monitoring:reports": Row(),
        "monitoring:report": Row(report),
        "monitoring:text": Row(report),
        "monitoring:upload": Row(),
        "monitoring:upload-progress": Row({"upload": world.upload.pk}, only("editor"), "not found"),
        # money: facts about states, for whoever keeps those of one of them
        "funding:funding": Row(),
        "funding:table": Row({"form": "csv"}),
        "funding:iati": Row(nothing=("GET",)),  # what is here is invented
        "funding:activity": Row(lamps),
        "funding:activity-iati": Row(lamps),
        "funding:new": Row(),
        "funding:import": Row(),
        "funding:confirm-import": Row(),
        "funding:edit": Row(lamps, keeps_lamps),
        "funding:add-money": Row(lamps, keeps_lamps),
        "funding:add-result": Row(lamps, keeps_lamps),
        "funding:add-link": Row(lamps, keeps_lamps),
        "funding:change-part": Row({**lamps, "what": "money", "pk": world.money.pk}, keeps_lamps),
        "funding:remove": Row({**lamps, "what": "money", "pk": world.money.pk}, keeps_lamps),
        # meetings: whoever runs this one, and who announces one of a network
        "meetings:meetings": Row(),
        "meetings:announce": Row(reaches=plans_a_meeting),
        "meetings:meeting": Row(spring),
        "meetings:countries": Row(spring),
        "meetings:documents": Row(spring),
        "meetings:document": Row({**spring, "public_id": world.document.public_id}, runs_spring, "not found"),
        "meetings:manage": Row(spring, runs_spring),
        "meetings:edit-meeting": Row(spring, runs_spring),
        "meetings:cancel-meeting": Row(spring, runs_spring),
        "meetings:manage-around": Row(spring, runs_spring),
        "meetings:remove-body": Row({**spring, "pk": world.body.pk}, runs_spring),
        "meetings:remove-link": Row({**spring, "pk": world.link.pk}, runs_spring),
        "meetings:manage-documents": Row(spring, runs_spring),
        "meetings:withdraw-document": Row({**spring, "public_id": world.document.public_id}, runs_spring),
        "meetings:manage-helpers": Row(spring, runs_spring),
        # registration: one's own, by link and with an account; then what organisers do
        "meetings:register": Row(spring),
        "meetings:link-again": Row(),
        "meetings:invitation": Row({**spring, "token": "none"}, nothing=BOTH),
        "meetings:registration-link": Row({**spring, "token": "none"}, nothing=BOTH),
        "meetings:delegation": Row({**spring, "token": "none"}, nothing=BOTH),
        "meetings:mine-registration": Row(spring, nothing=BOTH),  # nobody here is registered
        "meetings:my-delegation": Row({**spring, "public_id": "none"}, nothing=BOTH),
        "meetings:open-registration": Row(spring, runs_spring),
        "meetings:manage-invitations": Row(spring, runs_spring),
        "meetings:invite-again": Row({**spring, "public_id": world.guest.public_id}, runs_spring),
        "meetings:withdraw-invitation": Row({**spring, "public_id": world.guest.public_id}, runs_spring),
        "meetings:manage-delegations": Row(spring, runs_spring),
        "meetings:write-to-head": Row({**spring, "public_id": world.delegation.public_id}, runs_spring),
        "meetings:change-delegation": Row({**spring, "public_id": world.delegation.public_id}, runs_spring),
        "meetings:end-naming": Row({**spring, "public_id": world.delegation.public_id}, runs_spring),
        "meetings:manage-registrations": Row(spring, runs_spring),
        "meetings:export-registrations": Row(spring, runs_spring),
        "meetings:set-quota": Row(spring, runs_spring),
        "meetings:remove-quota": Row(spring, runs_spring),
        "meetings:manage-questions": Row(spring, runs_spring),
        "meetings:change-question": Row({**spring, "public_id": world.question.public_id}, runs_spring),
        "meetings:remind-of-questions": Row(spring, runs_spring),
        "meetings:move-question": Row({**spring, "public_id": world.question.public_id}, runs_spring),
        "meetings:remove-question": Row({**spring, "public_id": world.question.public_id}, runs_spring),
        "meetings:registration-summary": Row(spring, runs_spring),
        "meetings:register-group": Row(spring, runs_spring),
        "meetings:manage-registration": Row({**spring, "public_id": world.registration.public_id}, runs_spring),
        "meetings:end-duty": Row({**spring, "pk": world.duty.pk}, runs_spring),
        # the programme: read by everybody once it is published, made by whoever runs the meeting
        "meetings:programme": Row(spring),
        "meetings:versions": Row(spring),
        "meetings:versions-feed": Row(spring),
        "meetings:speakers": Row(spring),
        "meetings:speaking": Row({**spring, "token": "none"}, nothing=BOTH),
        **{
            f"meetings:schedule-{form}": Row(spring, nothing=("GET",)) for form in ("ics", "json", "xml")
        },  # nothing is published
        "meetings:session": Row({**spring, "session": world.talk.public_id}, nothing=("GET",)),
        **{
            f"meetings:{name}": Row(spring, runs_spring)
            for name in (
                "manage-programme",
                "manage-grid",
                "manage-places",
                "manage-availability",
                "publish-programme",
                "new-session",
            )
        },
        "meetings:remove-place": Row(spring, runs_spring),
        "meetings:forget-availability": Row(spring, runs_spring),
        **{
            f"meetings:{name}": Row({**spring, "session": world.talk.public_id}, runs_spring)
            for name in (
                "edit-session",
                "move-session",
                "copy-session",
                "cancel-session",
                "remove-session",
                "session-people",
            )
        },
        # the days
        "meetings:letter": Row({"code": "AAAA-AAAA-AAAA"}, nothing=BOTH),  # no such paper
        "meetings:manage-day": Row(spring, runs_spring),
        "meetings:walk-in": Row(spring, runs_spring),
        "meetings:look-at-walk-in": Row(spring, runs_spring),
        "meetings:manage-letters": Row(spring, runs_spring),
        "meetings:revoke-letter": Row({**spring, "code": "AAAA-AAAA-AAAA"}, runs_spring, nothing=("POST",)),
        "meetings:badges": Row(spring, runs_spring),
        "meetings:photographs": Row(spring, runs_spring),
        "meetings:my-letters": Row(spring, nothing=BOTH),  # nobody here has a place
        "meetings:check-in": Row(spring, runs_spring),
        "meetings:check-somebody-in": Row(spring, runs_spring),
        "meetings:undo-check-in": Row(spring, runs_spring),
        "meetings:check-in-people": Row(spring, runs_spring),
        "meetings:merge-check-ins": Row(spring, runs_spring),
        "meetings:check-in-worker": Row(spring, runs_spring),
        "meetings:now": Row(spring),
        "meetings:now-events": Row(spring),
        "meetings:my-calendar": Row({**spring, "token": "none"}, nothing=("GET",)),
        "meetings:my-schedule": Row(spring),
        "meetings:make-calendar": Row(spring),
        "meetings:choose-session": Row({**spring, "verb": "choose"}, nothing=("POST",)),  # an empty one names none
        "meetings:schedule-by-link": Row({**spring, "token": "none"}, nothing=("GET",)),
        "meetings:make-calendar-by-link": Row({**spring, "token": "none"}, nothing=("POST",)),
        "meetings:choose-by-link": Row({**spring, "token": "none", "verb": "choose"}, nothing=("POST",)),
        "meetings:one-to-one": Row(spring, nothing=("GET",)),
        "meetings:open-to-talk": Row(spring, nothing=("POST",)),
        "meetings:ask-to-talk": Row({**spring, "asked": "none"}, nothing=BOTH),
        "meetings:answer-to-talk": Row({**spring, "public_id": "none", "verb": "accept"}, nothing=("POST",)),
        "meetings:manage-hours": Row(spring, runs_spring),
        "meetings:remove-hours": Row(spring, runs_spring),
        # what came of it: read by everybody, recorded by whoever runs the meeting
        "meetings:commitments": Row(),
        "meetings:commitments-csv": Row(),
        "meetings:commitments-xlsx": Row(),
        "meetings:commitment": Row(
            {"public_id": world.promise.public_id},
            instead={f"{visitor.name} POST": "not found" for visitor in VISITORS if not says_how_it_goes(visitor)},
        ),
        "meetings:how-it-goes": Row({"token": "none"}, nothing=BOTH),
        "meetings:how-this-goes": Row({"token": "none", "public_id": world.promise.public_id}, nothing=BOTH),
        "meetings:what-came": Row(spring),
        "meetings:manage-outcomes": Row(spring, runs_spring, "not found"),
        **{
            f"meetings:{name}": Row({**spring, "public_id": world.talk.public_id}, runs_spring, "not found")
            for name in ("record", "outcomes-screen", "show-outcomes", "close-record")
        },
        **{
            f"meetings:{name}": Row({**spring, "public_id": world.promise.public_id}, runs_spring, "not found")
            for name in ("correct-outcome", "strike-outcome")
        },
        "meetings:who-is-asked": Row({**spring, "public_id": world.promise.public_id}, runs_spring),
        "meetings:publish-outcome": Row({**spring, "public_id": world.promise.public_id}, runs_spring),
        "meetings:survey": Row(spring, nothing=BOTH),  # nobody here takes part
        "meetings:survey-by-link": Row({**spring, "token": "none"}, nothing=BOTH),
        "meetings:participants": Row(spring),
        "meetings:manage-survey": Row(spring, runs_spring),
        "meetings:remove-survey-question": Row({**spring, "question": world.survey_question.pk}, runs_spring),
        "meetings:manage-report": Row(spring, runs_spring),
        "meetings:report-docx": Row(spring, runs_spring),
        "meetings:report-pdf": Row(spring, runs_spring),
        # the call for contributions, and what comes from other systems
        "meetings:call": Row(spring),
        "meetings:offer": Row(spring),
        "meetings:offer-by-link": Row({**spring, "token": "none"}, nothing=BOTH),
        "meetings:my-contribution": Row(offered, only("reader"), "not found"),
        "meetings:review-contributions": Row(spring, runs_spring, "not found"),
        "meetings:review-contribution": Row(offered, runs_spring, "not found"),
        "meetings:manage-contributions": Row(spring, runs_spring),
        "meetings:decide-contribution": Row(offered, runs_spring),
        "meetings:manage-exchange": Row(spring, runs_spring),
        "meetings:take-in": Row(spring, runs_spring),
        "meetings:take-out": Row({**spring, "form": "schedule.xml"}, runs_spring),
        # signing in
        "openid_connect_login": Row({"provider_id": "none"}, nothing=BOTH),
        "openid_connect_callback": Row({"provider_id": "none"}, nothing=BOTH),
        "account_login": Row(),
        "mfa_authenticate": Row(instead=back_to_sign_in),
        "mfa_login_webauthn": Row(instead=back_to_sign_in),
        "socialaccount_login_cancelled": Row(),
        "socialaccount_login_error": Row(),
        "account_inactive": Row(),
        "account_confirm_login_code": Row(instead=back_to_sign_in),
        "account_logout": Row(),
        "account_signup": Row(),
        "socialaccount_signup": Row(instead={visitor.name: "sign-in" for visitor in VISITORS}),
        "account_reset_password": Row(),
        "account_reset_password_done": Row(),
        "account_reset_password_from_key": Row({"uidb36": "1", "key": "none"}),
        "account_reset_password_from_key_done": Row(),
        "account_email_verification_sent": Row(),
        "account_confirm_email": Row({"key": "none"}, nothing=("POST",)),
        # one's own account
        "account_reauthenticate": Row(),
        "mfa_reauthenticate": Row(),
        "mfa_reauthenticate_webauthn": Row(instead={"editor POST": "sign-in"}),
        "account_email": Row(),
        "account_change_password": Row(),
        "account_set_password": Row(),
        "mfa_index": Row(),
        "mfa_activate_totp": Row(),
        "mfa_deactivate_totp": Row(nothing=BOTH),  # nobody here has one
        "mfa_view_recovery_codes": Row(nothing=("GET",)),  # nobody here has one
        "mfa_generate_recovery_codes": Row(),
        "mfa_download_recovery_codes": Row(nothing=("POST",)),  # nobody here has one
        "mfa_list_webauthn": Row(),
        "mfa_add_webauthn": Row(),
        "mfa_remove_webauthn": Row(their_passkey, only("editor"), "not found"),
        "mfa_edit_webauthn": Row(their_passkey, only("editor"), "not found"),
        "usersessions_list": Row(),
        "socialaccount_connections": Row(),
        "network:account": Row(),
        "network:second-factor": Row(),
        "network:end-session": Row({"pk": world.session}, only("editor"), "not found"),
        # invitations
        "network:open-invitation": Row({"token": "none"}, nothing=("GET",)),
        "network:accept-invitation": Row(nothing=BOTH),
        "network:invitations": Row(),
        "network:invite-again": Row(
            {"public_id": world.invitation.public_id}, who_holds(Claim.INVITE, LANTERN), "not found"
        ),
        "network:withdraw-invitation": Row(
            {"public_id": world.invitation.public_id}, who_holds(Claim.INVITE, LANTERN), "not found"
        ),
        "network:outbox": Row(),
        # rights
        "network:open-staff-session": Row(),
        "network:close-staff-session": Row(),
        "network:staff-sessions": Row(),
        "network:roles": Row(),
        "network:account-rights": Row(account),
        "network:give-role": Row(account),
        "network:end-role": Row({**account, "grant": world.grant.pk}),
        "network:refuse-claim": Row(account),
        "network:end-refusal": Row({**account, "refusal": world.refusal.pk}),
        "network:deactivate-account": Row(account),
        "network:reactivate-account": Row(account),
        "network:remove-second-factor": Row(account),
        "network:sign-out-everywhere": Row(account),
        "network:audit-log": Row(),
        "network:all-staff-sessions": Row(),
        "network:export-audit-log": Row({"form": "csv"}),
        "network:who-saw": Row(),
        "network:who-saw-file": Row(question=a_person_and_times),
        # questions through the secretariat
        "network:ask": Row(member, sees_member, "not found"),
        "network:my-asks": Row(),
        "network:take-no-questions": Row(reaches=with_an_entry),
        "network:my-ask": Row(asked, asker, "not found"),
        "network:decline-to-answer": Row(
            asked, asker, "not found", instead={"reader": "refused"}
        ),  # it is the member's
        "network:close-ask": Row(asked, asker, "not found"),
        "network:asks-to-decide": Row(),
        "network:ask-to-decide": Row(asked, decides, "not found"),
        "network:forward-ask": Row(asked, decides, "not found"),
        "network:decline-ask": Row(asked, decides, "not found"),
        "network:ask-back": Row(asked, decides, "not found"),
        # my data, erasure, retention
        "network:privacy": Row(),
        "network:processing": Row(),
        "network:my-data": Row(),
        "network:erase-me": Row(),
        "network:erased": Row(),
        "network:erase-people": Row(),
        "network:erase-person": Row(member, who_holds(Claim.ERASE_PEOPLE, *IN_LANTERN), "not found"),
        "network:retention": Row(),
        # people, networks, organisations
        "network:directory": Row(),
        "network:person": Row(member, sees_member, "not found"),
        "network:photograph": Row(member, nothing=("GET",)),
        "network:manage-person": Row(member, manages_member, "not found"),
        "network:invite-person": Row({"public_id": world.without_account.public_id}, manages_member, "not found"),
        "network:set-risk": Row(member, manages_member, "not found"),
        "network:record-basis": Row(member, manages_member, "not found"),
        "network:end-basis": Row({**member, "basis": world.basis.pk}, manages_member, "not found"),
        "network:remove-photograph-of": Row(member, manages_member, "not found"),
        "network:appoint": Row({**member, **lantern}, manages_member, "not found"),
        "network:entry": Row(),
        "network:end-protection": Row(nothing=BOTH),  # nobody here is at risk and signs in
        "network:set-photograph": Row(reaches=with_an_entry, otherwise="not found"),
        "network:remove-photograph": Row(reaches=with_an_entry, otherwise="not found"),
        "network:entry-preview": Row({"seen_as": "public"}, with_an_entry, "not found"),
        "network:consents": Row(),
        "network:give-consent": Row({"purpose": "directory"}, reaches=with_an_entry, otherwise="not found"),
        "network:withdraw-consent": Row({"purpose": "directory"}, reaches=with_an_entry, otherwise="not found"),
        "network:networks": Row(),
        "network:new-network": Row(),
        "network:network": Row(lantern),
        "network:network-people-json": Row(lantern),
        "network:network-people-csv": Row(lantern),
        "network:network-feed": Row(lantern),
        "network:edit-network": Row(lantern, who_holds(Claim.MANAGE_NETWORKS, LANTERN)),
        "network:network-members": Row(lantern, manages_lantern),
        "network:add-member": Row(lantern, manages_lantern),
        "network:export-members": Row(lantern, takes_lantern_out),
        "network:network-seats": Row(lantern, manages_lantern),
        "network:end-seat": Row({**lantern, "seat": world.seat.pk}, manages_lantern),
        "network:end-term": Row({"public_id": world.term.public_id}, manages_lantern, "not found"),
        "network:organisations": Row(),
        "network:organisation": Row({"public_id": "lamp-house"}),
        "network:edit-organisation": Row({"public_id": "lamp-house"}, manages_member),
    }


@dataclass
class World:
    """One of each thing, and everybody signed in, each in a browser of their own."""

    keys: dict[str, str] = field(default_factory=dict)  # name of a visitor → key of their browser's session
    things: SimpleNamespace = field(default_factory=SimpleNamespace)


def build() -> World:
    world = World()
    it = world.things
    load_convention()
    networks = {"lantern": make_network("lantern"), "harbour": make_network("harbour")}
    accounts = {}
    for visitor in VISITORS:
        if visitor.signed_in:
            accounts[visitor.name] = _account_of(visitor, networks)
            world.keys[visitor.name] = _browser_of(visitor, accounts[visitor.name])
    it.report = make_report(
        b"an invented report of every address", a_reading([a_finding(1, strength=None)], state="XA")
    )
    it.finding = it.report.findings.get()
    editor = accounts["editor"]
    it.upload = Upload.objects.create(
        id=UUID(int=7), uploaded_by=editor, content_hash="7" * 64, filename="a.pdf", size=1, body="auto"
    )
    it.money = make_activity()
    it.passkey = _passkey_of(editor)
    it.session = editor.usersession_set.get().pk
    it.member_account = make_account(Role.READER)
    it.grant = it.member_account.grants.get()
    it.refusal = models.Refusal.objects.create(
        account=it.member_account, claim=Claim.ASK, since=timezone.now(), reason="an invented conflict of interest"
    )
    it.member = make_person(
        account=it.member_account,
        visibility=Visibility.SIGNED_IN,
        consents=(Purpose.DIRECTORY, Purpose.CONTACT),
        details={Field.NAME: "Lamp Keeper (invented)"},
    )
    make_person(account=accounts["contributor"])
    it.basis = it.member.bases.first()
    it.term = join(networks["lantern"], it.member)
    it.without_account = make_person(details={Field.NAME: "Wick Trimmer (invented)"})
    join(networks["lantern"], it.without_account)
    organisation = models.Organisation.objects.create(
        public_id="lamp-house", name="Lamp House", kind="shelter_ngo", state_id="XA", invented=True
    )
    it.seat = models.Seat.objects.create(network=networks["lantern"], organisation=organisation)
    it.ask = models.Ask.objects.create(
        by=accounts["reader"], to=it.member, network=networks["lantern"], subject="How do you count?"
    )
    models.AskLine.objects.create(ask=it.ask, side=models.AskLine.Side.ASKER, text="How do you count?")
    it.spring = make_meeting(public_id="spring", network=networks["lantern"])
    it.guest = it.spring.invitations.create(
        email="guest@network.example", token_hash="none", expires_at=timezone.now() + timedelta(days=9)
    )
    it.delegation = it.spring.delegations.create(state_id="XA", places=2)
    it.question = it.spring.questions.create(text={"en": "What do you eat?"}, delete_on="2027-01-01")
    it.registration = it.spring.registrations.create(standing="confirmed")
    it.document = it.spring.documents.create(
        title={"en": "For organisers"},
        access="organisers",
        content_hash=store_private(b"samsvar meeting document\nFor organisers."),
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
    it.promise = make_promise(it.spring, state="XA", session=it.talk)
    it.survey_question = make_survey(it.spring)
    it.contribution = make_contribution(it.spring, account=accounts["reader"])
    it.invitation = models.Invitation.objects.create(
        token_hash="0" * 64,
        email="invited@network.example",
        network=networks["lantern"],
        expires_at=timezone.now() + timedelta(days=7),
    )
    return world


def _account_of(visitor: Visitor, networks: dict[str, models.Network]) -> models.Account:
    account = make_account()
    for role, scope in visitor.grants:
        models.RoleGrant.objects.create(account=account, role=role, since=timezone.now(), **_bond(scope, networks))
    for claim, scope in visitor.refusals:
        models.Refusal.objects.create(
            account=account, claim=claim, since=timezone.now(), reason="for this test", **_bond(scope, networks)
        )
    return account


def _bond(scope: Scope, networks: dict[str, models.Network]) -> dict[str, Any]:
    return {
        "state_id": scope.state or None,
        "network": networks[scope.network] if scope.network else None,
        "meeting": scope.meeting,
    }


def _browser_of(visitor: Visitor, account: models.Account) -> str:
    client = sign_in(
        Client(),
        account,
        second_factor=visitor.second_factor,
        staff_session="to go to every address" if visitor.staff_session else "",
    )
    from allauth.usersessions.models import UserSession

    session = client.session  # who changes what opens an account has confirmed who they are
    session["account_authentication_methods"] = [
        {**record, "reauthenticated": True} for record in session["account_authentication_methods"]
    ]
    session.save()
    key: str = session.session_key or ""
    UserSession.objects.get_or_create(session_key=key, user=account, ip="127.0.0.1")
    return key


def _passkey_of(account: models.Account) -> int:
    from allauth.mfa.models import Authenticator

    passkey = Authenticator.objects.create(
        user=account, type=Authenticator.Type.WEBAUTHN, data={"name": "invented", "credential": PASSKEY}
    )
    return passkey.pk


# --- Going there ------------------------------------------------------------------------------------------------------

ROUTES = {route.name: route for route in routes()}
NAMES = sorted(ROUTES)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Built once for this module and taken back at its end; each visit is taken back at once."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def expected(route: Route, row: Row, visitor: Visitor, method: str) -> str:
    """What the table and the row say that this visitor meets."""
    assert route.door is not None
    at_the_door = MEETS[visitor.meets(route.door)]
    if at_the_door != "opens":
        return at_the_door
    if method in row.nothing:
        return "not found"
    if method not in route.methods:
        return "no such request"
    if not row.reaches(visitor):
        return row.otherwise
    return row.instead.get(f"{visitor.name} {method}", row.instead.get(visitor.name, "opens"))


# Who sees what everybody sees: a page that is public and asks nothing further is not visited by all of the others too.
ANYBODY = {"nobody known", "without a role", "every role", "every role, refused everything"}


def visits(route: Route, row: Row) -> Iterator[tuple[Visitor, str]]:
    """Everybody by each request that the address takes; by one that it does not take, those who get furthest."""
    public = route.door is Claim.READ_PUBLIC and row.reaches is everybody
    for visitor in VISITORS:
        for method in BOTH:
            if visitor.name in ANYBODY or (method in route.methods and not public):
                yield visitor, method


def met(client: Client, method: str, address: str) -> str:
    """What somebody meets, by the kind of the answer. A POST is empty: it asks whether it is allowed."""
    with transaction.atomic():
        response = client.post(address) if method == "POST" else client.get(address)
        if response.streaming:  # to its end, which closes what it reads from
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
            return _led_to(response["Location"].partition("?")[0])
        case code if code < 500:
            return "opens"
    return f"broken: {response.status_code}"


def _led_to(path: str) -> str:
    asked_for = {
        reverse("account_login"): "sign-in",
        reverse("network:second-factor"): "second factor",
        reverse("network:open-staff-session"): "staff session",
    }
    return asked_for.get(path, "opens")


CLIENT = Client(raise_request_exception=False)  # one for all: building its middleware costs more than most answers


def browser(world: World, visitor: Visitor) -> Client:
    key = world.keys.get(visitor.name)
    CLIENT.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: key} if key else {})
    return CLIENT


@pytest.mark.parametrize("name", NAMES)
def test_every_address_opens_to_whom_the_table_says_and_to_nobody_else(world, name, monkeypatch, settings):
    route, row = ROUTES[name], rows(world.things)[name]
    monkeypatch.setattr(Template, "render", lambda *_a, **_k: "")  # who may come is decided before a page is drawn
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    settings.ACCOUNT_RATE_LIMITS = False
    settings.SAMSVAR_RATE_LIMITS = {}
    address = reverse(name, kwargs=row.kwargs) if not name.startswith("/") else name
    if row.question:
        address += "?" + "&".join(f"{key}={value}" for key, value in row.question.items())
    should, does = {}, {}
    for visitor, method in visits(route, row):
        should[visitor.name, method] = expected(route, row, visitor, method)
        does[visitor.name, method] = met(browser(world, visitor), method, address)
    assert {who: (does[who], said) for who, said in should.items() if does[who] != said} == {}


def test_every_address_has_a_row_and_every_row_an_address(world):
    known = set(rows(world.things))
    assert (sorted(set(NAMES) - known), sorted(known - set(NAMES))) == ([], [])


def test_every_address_has_a_door():
    assert [route.pattern for route in ROUTES.values() if route.door is None] == []


def test_no_two_addresses_share_a_name():
    assert len(ROUTES) == len(routes())


def test_everybody_meets_each_kind_of_answer(world):
    """There is something to find out: each refusal occurs, and each visitor is let in and kept out somewhere."""
    table = rows(world.things)
    kinds: dict[str, set[str]] = {}
    for name, route in ROUTES.items():
        for visitor, method in visits(route, table[name]):
            kinds.setdefault(visitor.name, set()).add(expected(route, table[name], visitor, method))
    assert set().union(*kinds.values()) == {
        "opens", "sign-in", "second factor", "staff session", "refused", "not found", "no such request",
    }  # fmt: skip
    assert all("opens" in met_by for met_by in kinds.values())
    assert all(met_by & {"refused", "sign-in"} for name, met_by in kinds.items() if name != "every role")


def test_the_table_in_the_docs_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == table(), "run: python tools/rights.py"
