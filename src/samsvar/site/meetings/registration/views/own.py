"""Pages of whoever registers: by the link of a letter, with an account, and as the head of a delegation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from samsvar.ids import secret_hash
from samsvar.meetings.meeting import Category, Entry
from samsvar.meetings.registration import Opening, Standing
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import LinkHolder, can_see
from samsvar.site.meetings.meeting.queries import opening as queries_opening
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404, no_such_link, tried
from samsvar.site.meetings.registration import link_access as by_link
from samsvar.site.meetings.registration.actions import decisions, delegations, invitations, protection
from samsvar.site.meetings.registration.actions import emails as actions_emails
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.forms.registration import (
    AddressForm,
    HideOneselfForm,
    NameForm,
    NomineeForm,
    RegistrationForm,
    initial_of,
)
from samsvar.site.meetings.registration.queries import naming_consent as naming
from samsvar.site.meetings.registration.queries import (
    own as queries_own,
)
from samsvar.site.meetings.registration.queries import (
    questions as queries_questions,
)
from samsvar.site.meetings.registration.queries import (
    registrations as queries,
)
from samsvar.site.meetings.registration.views import naming_consent as naming_steps
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.directory.forms import initial_organisation
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of, tell_trouble
from samsvar.site.shell.view_permissions import by_link_too, open_to_all
from samsvar.site.shell.view_permissions import door as opens

page_with_form = require_http_methods(["GET", "HEAD", "POST"])

# Whose link opens nothing is counted by the network's own limit of links; an address that asks for letters by these.
ADDRESS_LIMIT = {"meeting-address": "10/m/ip,3/10m/key"}


@open_to_all
@never_cache
@page_with_form
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Register without an invitation: with an account at once, without one after a letter to the address."""
    meeting = meeting_or_404(request, slug)
    user = _account(request)
    mine = _mine(request, user, meeting) if user is not None else None
    may = user is not None and queries_own.may_register(user, meeting)
    if mine is not None and not (may and Standing(mine.standing).is_over):  # whoever declined can think again
        return redirect("meetings:mine-registration", slug)
    if may:
        return _form_page(request, meeting, None)
    form = AddressForm(request.POST or None)
    open_to_anybody = meeting.entry == Entry.OPEN and queries_opening.registration_is_open(meeting) and user is None
    sent, refusal = False, None
    if request.method == "POST" and open_to_anybody and form.is_valid():
        address = form.cleaned_data["email"]
        limited = ratelimit.consume_or_429(request, action="meeting-address", config=ADDRESS_LIMIT, key=address.lower())
        if limited:
            return limited
        _done, refusal = tried(
            invitations.ask_for_link, meeting=meeting, address=address, site=site_of(request),
            language=request.LANGUAGE_CODE,
        )  # fmt: skip
        sent = refusal is None
    context = {
        "meeting": meeting, "form": form, "sent": sent, "refusal": refusal, "open_to_anybody": open_to_anybody,
        "opening": queries_opening.opening_of(meeting), "is_open": queries_opening.registration_is_open(meeting),
    }  # fmt: skip
    return render(request, "meetings/registration_ask.html", context, status=status_of(form, refusal))


@open_to_all
@never_cache
@page_with_form
def invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The link of an invitation: register, say no, or see how one's registration stands."""
    found = queries_own.invitation_with(slug, secret_hash(token))
    if found is None:
        return no_such_link(request)
    asked = found.answered_at is not None or found.delegation_id is not None
    row = queries_own.registration_of_invitation(found) if asked else None
    if row is not None and row.standing != "nominated":
        return _own(request, row)
    user = _account(request)
    if request.method == "POST" and request.POST.get("do") == "decline":
        if row is not None:
            _done, refusal = tried(decisions.decline, registration=row, site=site_of(request), by=user)
        else:
            _done, refusal = tried(invitations.decline_invitation, invitation=found, by=user)
        found = queries_own.invitation_with(slug, secret_hash(token)) or found
        if refusal is None:
            return render(request, "meetings/registration_declined.html", {"meeting": found.meeting})
        tell_trouble(request, refusal)
    if not queries_own.is_open(found):
        context = {"meeting": found.meeting, "declined": found.declined_at is not None}
        return render(request, "meetings/registration_gone.html", context, status=410)
    return _form_page(request, found.meeting, found)


@open_to_all
@never_cache
@page_with_form
def registration_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """One's own registration by the link of a letter, for whoever has no account."""
    row = queries_own.registration_with(slug, secret_hash(token))
    if row is None:
        return no_such_link(request)
    return _own(request, row)


@opens(Claim.OWN_ACCOUNT)
@by_link_too
@never_cache
@page_with_form
def mine_registration(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own registration, with an account or once its link was opened."""
    meeting = models.Meeting.objects.filter(public_id=slug).first()
    row = _mine(request, _account(request), meeting) if meeting is not None else None
    return _own(request, or_404(row))


@open_to_all
@never_cache
@page_with_form
def link_again(request: HttpRequest) -> HttpResponse:
    """A letter with the link was lost: it is sent anew to its address. Every address has the same answer."""
    form = AddressForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        limited = ratelimit.consume_or_429(request, action="meeting-address", config=ADDRESS_LIMIT, key=address.lower())
        if limited:
            return limited
        invitations.send_links_again(address=address, site=site_of(request))
        sent = True
    context = {"meeting": None, "form": form, "sent": sent}
    return render(request, "meetings/registration_link_again.html", context, status=status_of(form, None))


@open_to_all
@never_cache
@page_with_form
def delegation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The head's page by the link of the letter."""
    found = queries_own.delegation_with(slug, secret_hash(token))
    if found is None:
        return no_such_link(request)
    return _delegation(request, found, None)


@opens(Claim.OWN_ACCOUNT)
@page_with_form
def my_delegation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """The head's page, with an account."""
    meeting = models.Meeting.objects.filter(public_id=slug).first()
    found = or_404(queries.delegation_by(meeting, public_id) if meeting is not None else None)
    if not delegations.is_head(account_of(request), found):
        raise Http404
    return _delegation(request, found, account_of(request))


# --- Steps ------------------------------------------------------------------------------------------------------------


def _form_page(request: HttpRequest, meeting: models.Meeting, found: models.MeetingInvitation | None) -> HttpResponse:
    """The form, and what came of it. What an invitation says is shown and cannot be changed."""
    user = _account(request)
    category = found.category if found is not None else Category.PARTICIPANT.value
    state = (found.state_id or "") if found is not None else ""
    named = queries_own.registration_of_invitation(found) if found is not None and found.delegation_id else None
    knows = ""
    if user is not None or named is not None:  # by a link alone, what somebody's entry says is shown to nobody
        knows = queries_own.known_name(found, user)
    form = RegistrationForm(
        request.POST if request.method == "POST" else None,
        meeting=meeting,
        questions=queries_questions.questions_for(meeting, category),
        country=state,
        group=found.group if found is not None else "",
        needs_country=queries_questions.counts_countries(meeting),
        knows_person=bool(knows),
        asks_naming=category == Category.SPEAKER,
        asks_protection=not queries_own.is_hidden(found, user),
        initial={"language": found.language if found else request.LANGUAGE_CODE, "listed": "organisers"},
    )
    refusal = None
    if found is not None and request.method != "POST":  # the action asks for itself
        refusal = _not_theirs(found, user)
    blocked, opening = refusal is not None, queries_opening.opening_of(meeting)
    # whom a head has named holds a place already, and answers before registration opens and after it has closed
    closed = opening is not Opening.OPEN and (named is None or opening is Opening.CANCELLED)
    if request.method == "POST" and refusal is None and form.is_valid():
        said = form.said()
        said = said if said.name else replace(said, name=knows)  # the entry stays as it is
        made, refusal = tried(
            actions.register, meeting=meeting, said=said, site=site_of(request), invitation=found, account=user
        )
        if made is not None:
            return redirect(_own_address(made, user))
        blocked = found is not None and _not_theirs(found, user) is not None
    context = {
        "meeting": meeting, "form": form, "invitation": found, "refusal": refusal, "blocked": blocked,
        "address": found.email if found is not None else user.email if user is not None else "",
        "sign_in": f"{reverse('account_login')}?next={request.path}",
        "offers_sign_in": blocked and user is None, "closed": closed, "opening": opening,
    }  # fmt: skip
    return render(request, "meetings/registration_form.html", context, status=status_of(form, refusal))


def _not_theirs(found: models.MeetingInvitation, user: Account | None) -> Any:
    """Why this visitor cannot answer the invitation, if so; said before anything is typed."""
    _done, refusal = tried(actions.must_be_theirs, invitation=found, account=user)
    return refusal


def _mine(request: HttpRequest, user: Account | None, meeting: models.Meeting) -> models.Registration | None:
    """One's registration; what others wrote down under the address of an account is that account's from now on."""
    row = queries_own.own_registration(request.user, meeting)
    if user is not None and (row is None or Standing(row.standing).is_over):
        taken = actions.take_over(account=user, meeting=meeting, site=site_of(request))
        row = row if taken is None else queries.registration_by(meeting, taken.public_id)
    return row


def _own(request: HttpRequest, row: models.Registration) -> HttpResponse:
    """Standing, place in the line, answers with the day they go; changing and declining."""
    user = _account(request)
    fixed = row.invitation if row.invitation is not None else None
    state = row.state_id or "" if row.delegation_id or (fixed and fixed.state_id) else ""
    page = queries_own.own_page(row, request.LANGUAGE_CODE)
    if row.person is not None and row.person.account_id is None and by_link.remember(request, [row]):
        by_link.hold(request)  # also by the link of an invitation, which leads here once it was answered
    do = request.POST.get("do", "")
    if do == "forget":
        by_link.forget(request)
        return redirect("meetings:meetings")
    posted = request.POST if request.method == "POST" and not do else None
    hide = HideOneselfForm(request.POST if do == "hide" else None, auto_id="hide_%s")
    questions = queries_questions.questions_for(row.meeting, row.category, confirmed=row.standing == "confirmed")
    form = RegistrationForm(
        posted, meeting=row.meeting, questions=questions, country=state,
        group=fixed.group if fixed is not None else "", needs_country=queries_questions.counts_countries(row.meeting),
        knows_person=True, initial=initial_of(row),
    )  # fmt: skip
    writes = page.may_change and queries_own.writes_own_name(row.person)
    known = {one.field: one.value for one in row.person.details.all()} if writes and row.person else {}
    correct = NameForm(
        request.POST if do == "correct" else None, country=row.state_id or "", auto_id="correct_%s",
        asks_organisation=row.person is None or not row.person.at_risk,
        initial=known | initial_organisation(known.get("organisation", "")),
    )  # fmt: skip
    refusal = None
    if request.method == "POST":
        done = None
        if do == "correct" and writes and correct.is_valid():
            done, refusal = tried(actions.correct_name, registration=row, site=site_of(request), **correct.said())
            said = _("It is written so from now on.")
        elif do == "decline":
            done, refusal = tried(decisions.decline, registration=row, site=site_of(request), by=user)
            said = _("You have declined. Your place is free for somebody else.")
        elif do == "hide" and hide.is_valid():
            done, refusal = tried(
                protection.hide_oneself, registration=row, by=user, pseudonym=hide.cleaned_data["pseudonym"]
            )
            said = _("You are hidden from now on, everywhere on this site.")
        elif do in {"name", "unname"} and row.person is not None:
            done, refusal, said = naming_steps.named_or_not(do, row.person, request.POST.get("version", ""), user)
        elif do == "show":
            done, refusal = tried(protection.end_hiding, registration=row, site=site_of(request))
            said = _("You are hidden no more. Nothing of you is shown until you choose it.")
        elif not do and form.is_valid():
            done, refusal = tried(actions.change, registration=row, said=form.said(), site=site_of(request), by=user)
            said = _("Your registration is changed.")
        if done is not None:
            messages.success(request, said)
            return redirect(request.path)
    context = {
        "own": page, "meeting": row.meeting, "form": form, "refusal": refusal, "letters": _letters(row),
        "hide": hide, "asks_anew": _asks_anew(row, user),
        "naming": naming.naming_of(row.person) if naming.speaks(row) else None,
        "correct": correct if writes else None,
        "goes_on": can_see(request.user, row.meeting), "by_link": isinstance(request.user, LinkHolder),
    }  # fmt: skip
    wrong = next((one for one in (hide, correct) if one.is_bound), form)
    return render(request, "meetings/registration_own.html", context, status=status_of(wrong, refusal))


def _delegation(request: HttpRequest, found: models.Delegation, user: Account | None) -> HttpResponse:
    """Name somebody, name somebody else in their place, take somebody back."""
    posted = request.POST if request.method == "POST" and "withdraw" not in request.POST else None
    initial = {"language": request.LANGUAGE_CODE, "category": Category.PARTICIPANT.value}
    form = NomineeForm(posted, delegation=found, initial=initial)
    refusal, site = None, site_of(request)
    if request.method == "POST":
        done = None
        if posted is None:
            row = _of_delegation(found, request.POST["withdraw"])
            done, refusal = tried(delegations.withdraw_nominee, registration=row, by=user, site=site)
            said = _("The nomination is taken back.")
        elif form.is_valid():
            replaces = _of_delegation(found, posted["replaces"]) if posted.get("replaces") else None
            done, refusal = tried(
                delegations.nominate, delegation=found, by=user, site=site, replaces=replaces, **form.said()
            )
            said = _("A letter is on its way to the person you named.")
        if done is not None:
            messages.success(request, said)
            return redirect(request.path)
    lines = queries.delegation_lines(found)
    held = sum(line.holds for line in lines)
    context = {
        "delegation": found, "meeting": found.meeting, "lines": lines, "form": form, "refusal": refusal,
        "free": min(found.reserved, max(0, found.places - held)), "replaceable": [line for line in lines if line.holds],
    }  # fmt: skip
    return render(request, "meetings/registration_delegation.html", context, status=status_of(form, refusal))


def _of_delegation(found: models.Delegation, public_id: str) -> models.Registration:
    row = queries.registration_by(found.meeting, public_id)
    if row is None or row.delegation_id != found.pk:
        raise Http404
    return row


def _own_address(row: models.Registration, user: Account | None) -> str:
    slug = row.meeting.public_id
    if user is not None:
        return reverse("meetings:mine-registration", kwargs={"slug": slug})
    return reverse("meetings:registration-link", kwargs={"slug": slug, "token": actions_emails.token_of(row)})


def _asks_anew(row: models.Registration, user: Account | None) -> bool:
    """Whether somebody whose registration is over can ask for a place again by themselves."""
    if not Standing(row.standing).is_over:
        return False
    if user is not None:
        return queries_own.may_register(user, row.meeting)
    return row.meeting.entry == Entry.OPEN and queries_opening.registration_is_open(row.meeting)


def _letters(row: models.Registration) -> str:
    """Where one's letters as PDF are, on a site that has them."""
    from django.urls import NoReverseMatch

    try:
        return reverse("meetings:my-letters", kwargs={"slug": row.meeting.public_id})
    except NoReverseMatch:
        return ""


def _account(request: HttpRequest) -> Account | None:
    return request.user if isinstance(request.user, Account) else None
