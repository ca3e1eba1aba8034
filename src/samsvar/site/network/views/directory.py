"""The directory, people, one's own entry and consents, networks and organisations, and what a secretariat does."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.dates import UnreadableDate
from samsvar.dates import day as whole_day
from samsvar.errors import SamsvarError
from samsvar.interchange import tables
from samsvar.network.consent import Ground, Purpose, Viewer, current_text
from samsvar.network.people import Field, OrganisationKind
from samsvar.network.rights import Claim
from samsvar.site.network import models, words
from samsvar.site.network.actions import consent as consent_actions
from samsvar.site.network.actions import exports, members, people, photographs
from samsvar.site.network.feeds import atom_feed
from samsvar.site.network.forms import directory as forms
from samsvar.site.network.queries import consents, networks
from samsvar.site.network.queries import directory as queries
from samsvar.site.network.queries import people as door
from samsvar.site.shell.doors import door as opens
from samsvar.site.shell.doors import open_to_all
from samsvar.site.shell.limits import limited, too_many
from samsvar.site.shell.uploads import UploadRefused, fetch_private, safe_response

PREVIEWS = {
    "network": Viewer(signed_in=True, shares_network=True),
    "signed-in": Viewer(signed_in=True),
    "public": Viewer(),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# --- Directory and people ---------------------------------------------------------------------------------------------


@open_to_all
@limited("directory")
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    page = queries.directory_page(request.user, request.GET)
    return render(request, "network/directory_list.html", {"page": page})


@open_to_all
@limited("directory")
@require_safe
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    view = door.person_for(request.user, public_id)
    if view is None:
        raise Http404
    manages = networks.managed_person(request.user, public_id) is not None
    return render(request, "network/directory_person.html", {"person": view, "manages": manages})


@opens(Claim.OWN_ACCOUNT)
@require_safe
def photograph(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A person's picture for those who may see it now; kept by no browser, so that a withdrawal reaches it."""
    view = door.person_for(request.user, public_id, fields=(Field.NAME, Field.PHOTOGRAPH))
    content = fetch_private(view.photograph) if view and view.photograph else None
    if content is None:
        raise Http404
    return safe_response(content, "webp", f"{public_id}.webp", inline=True)


# --- One's own entry --------------------------------------------------------------------------------------------------


@opens(Claim.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest) -> HttpResponse:
    own = consents.own_person(request.user)
    form = forms.EntryForm(request.POST or None, person=own)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            people.save_entry(person=own, said=form.said(), consents=form.given(), by=_account(request))
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            messages.success(request, _("Your entry is stored."))
            return redirect("network:entry")
    context = {"form": form, "person": own, "refusal": refusal}
    status = 422 if form.errors else 409 if refusal else 200
    return render(request, "network/entry_form.html", context, status=status)


@opens(Claim.OWN_ACCOUNT)
@require_safe
def entry_preview(request: HttpRequest, seen_as: str) -> HttpResponse:
    """One's own entry as others see it now."""
    own = consents.own_person(request.user)
    if own is None or seen_as not in PREVIEWS:
        raise Http404
    view = door.preview(own, PREVIEWS[seen_as])
    return render(request, "network/entry_preview.html", {"person": view, "seen_as": seen_as, "at_risk": own.at_risk})


@opens(Claim.OWN_ACCOUNT)
@limited("photograph")
@require_POST
def set_photograph(request: HttpRequest) -> HttpResponse:
    own = consents.own_person(request.user)
    upload = request.FILES.get("picture")
    if own is None:
        raise Http404
    if upload is None:
        messages.error(request, _("Choose a picture first."))
        return redirect("network:entry")
    try:
        photographs.set_photograph(person=own, upload=upload, by=_account(request))
    except UploadRefused as refused:
        messages.error(request, refused.explained())
    else:
        messages.success(request, _("Your photograph is stored, without the data that cameras write into a picture."))
    return redirect("network:entry")


@opens(Claim.OWN_ACCOUNT)
@require_POST
def remove_photograph(request: HttpRequest) -> HttpResponse:
    own = consents.own_person(request.user)
    if own is None:
        raise Http404
    photographs.remove_photograph(person=own, by=_account(request))
    messages.success(request, _("Your photograph is deleted."))
    return redirect("network:entry")


# --- Consents ---------------------------------------------------------------------------------------------------------


@opens(Claim.OWN_ACCOUNT)
@require_safe
def own_consents(request: HttpRequest) -> HttpResponse:
    own = consents.own_person(request.user)
    uses = consents.uses_of(own) if own else ()
    texts = {use.purpose: words.CONSENT_TEXTS[use.text.version] for use in uses if use.text}
    shown = [(use, texts.get(use.purpose, ())) for use in uses]
    return render(
        request,
        "network/consent_list.html",
        {"person": own, "uses": shown, "stays_public": consents.stays_public(uses)},
    )


@opens(Claim.OWN_ACCOUNT)
@require_POST
def give_consent(request: HttpRequest, purpose: str) -> HttpResponse:
    own, use = _own_use(request, purpose)
    version = request.POST.get("version", "")
    try:
        consent_actions.give_consent(person=own, purpose=use, version=version, by=_account(request))
    except SamsvarError as error:
        _tell(request, error)
    else:
        messages.success(request, _("Your consent is written down. You can withdraw it here at any time."))
    return redirect("network:consents")


@opens(Claim.OWN_ACCOUNT)
@require_POST
def withdraw_consent(request: HttpRequest, purpose: str) -> HttpResponse:
    own, use = _own_use(request, purpose)
    try:
        consent_actions.withdraw_consent(person=own, purpose=use, by=_account(request))
    except SamsvarError as error:
        _tell(request, error)
    else:
        messages.success(request, _("Your consent is withdrawn, as of now and everywhere on this site."))
    return redirect("network:consents")


def _own_use(request: HttpRequest, purpose: str) -> tuple[models.Person, Purpose]:
    own = consents.own_person(request.user)
    if own is None or purpose not in set(Purpose) or current_text(Purpose(purpose)) is None:
        raise Http404
    return own, Purpose(purpose)


# --- Networks ---------------------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def network_list(request: HttpRequest) -> HttpResponse:
    context = {"networks": networks.networks(), "may_found": networks.can_change_network(request.user, None)}
    return render(request, "network/network_list.html", context)


@open_to_all
@limited("directory")
@require_safe
def network(request: HttpRequest, slug: str) -> HttpResponse:
    found = _network(slug)
    today = timezone.now().date()
    day, refusal = _day_asked_for(request, today)
    page = networks.network_page(
        request.user,
        found,
        day=day,
        today=today,
        language=get_language() or "en",
        page=request.GET.get("page"),
    )
    return render(request, "network/network_page.html", {"page": page, "network": found, "refusal": refusal})


@open_to_all
@limited("directory")
@require_safe
def network_people(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The public entries of a network's members, the same for everybody who asks."""
    found = _network(slug)
    rows = networks.public_people(found, timezone.now().date())
    if form == "json":
        text, kind = tables.json_text(rows), "application/json"
    else:
        text, kind = tables.csv_text(rows, networks.PUBLIC_COLUMNS), "text/csv; charset=utf-8"
    response = HttpResponse(text, content_type=kind)
    response["Cache-Control"] = "no-store"  # no copy outlives a consent
    if form == "csv":
        response["Content-Disposition"] = f'attachment; filename="{found.slug}-people.csv"'
    return response


@open_to_all
@require_safe
def network_feed(request: HttpRequest, slug: str) -> HttpResponse:
    found = _network(slug)
    rows = networks.public_people(found, timezone.now().date())
    text = atom_feed(found, rows, request, language=get_language() or "en")
    response = HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


@opens(Claim.MANAGE_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def network_new(request: HttpRequest) -> HttpResponse:
    return _network_form(request, None)


@opens(Claim.MANAGE_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def network_edit(request: HttpRequest, slug: str) -> HttpResponse:
    return _network_form(request, _network(slug))


def _network_form(request: HttpRequest, found: models.Network | None) -> HttpResponse:
    if not networks.can_change_network(request.user, found):
        raise PermissionDenied
    known = {"name": found.name, "about": found.about, "lead": found.lead_id, "founded": found.founded} if found else {}
    form = forms.NetworkForm(request.POST or None, initial=known)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = members.save_network(
                by=_account(request),
                network=found,
                invented=found.invented if found else False,
                **{**form.cleaned_data, "lead": form.cleaned_data["lead"] or None},
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("network:network", saved.slug)
    context = {"form": form, "network": found, "refusal": refusal}
    return render(request, "network/network_form.html", context, status=_status(form, refusal))


# --- Members of a network, for its secretariat ------------------------------------------------------------------------


@opens(Claim.MANAGE_PEOPLE)
@limited("directory")
@require_safe
def network_members(request: HttpRequest, slug: str) -> HttpResponse:
    found = _managed_network(request, slug)
    page = networks.members_page(request.user, found, page=request.GET.get("page"))
    may_export = networks.can_export(request.user, found)
    return render(request, "network/network_members.html", {"page": page, "network": found, "may_export": may_export})


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def network_add_member(request: HttpRequest, slug: str) -> HttpResponse:
    found = _managed_network(request, slug)
    form = forms.MemberForm(request.POST or None, network=found)
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = members.add_member(
                network=found, by=_account(request), name=told["name"], note=told["note"], **form.term()
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("network:manage-person", made.person.public_id)
    context = {"form": form, "network": found, "refusal": refusal}
    return render(request, "network/network_add_member.html", context, status=_status(form, refusal))


@opens(Claim.EXPORT_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def network_export(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of members as a file; whether people at risk are in it is asked first, and how many, not who."""
    found = _network(slug)
    if not networks.can_export(request.user, found):
        raise PermissionDenied
    form = forms.ExportForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        if stopped := too_many(request, "export"):
            return stopped
        told = form.cleaned_data
        try:
            made = exports.export_members(
                network=found,
                by=_account(request),
                form=told["form"],
                with_people_at_risk=told["with_people_at_risk"],
                why=told["why"],
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return _member_file(found, made, told["form"])
    context = {"form": form, "network": found, "refusal": refusal, "at_risk": networks.at_risk_in(request.user, found)}
    return render(request, "network/network_export.html", context, status=_status(form, refusal))


def _member_file(found: models.Network, made: exports.MemberList, form: str) -> HttpResponse:
    content: bytes | str
    if form == "xlsx":
        content, kind = tables.xlsx_bytes(made.rows, {name: name for name in exports.COLUMNS}), XLSX
    else:
        content, kind = tables.csv_text(made.rows, exports.COLUMNS), "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{found.slug}-members.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def end_term(request: HttpRequest, public_id: str) -> HttpResponse:
    term = models.Membership.objects.filter(public_id=public_id).select_related("network", "person").first()
    if term is None or not networks.can_manage_network(request.user, term.network):
        raise Http404
    form = forms.EndForm(request.POST)
    if form.is_valid():
        try:
            members.end_term(membership=term, ends=form.cleaned_data["ends"], by=_account(request))
        except SamsvarError as error:
            _tell(request, error)
    else:
        messages.error(request, _("Name the last day of the term."))
    return redirect("network:manage-person", term.person.public_id)


# --- One person, for their secretariat --------------------------------------------------------------------------------


@opens(Claim.MANAGE_PEOPLE)
@limited("directory")
@require_safe
def manage_person(request: HttpRequest, public_id: str) -> HttpResponse:
    page = networks.managed_page(request.user, public_id)
    if page is None:
        raise Http404
    context = {
        "page": page,
        "person": page.view,
        "risk": forms.RiskForm(initial={"at_risk": page.person.at_risk, "pseudonym": page.person.pseudonym}),
        "basis": forms.BasisForm(),
    }
    return render(request, "network/network_person.html", context)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def set_risk(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _managed_person(request, public_id)
    form = forms.RiskForm(request.POST)
    if form.is_valid():
        try:
            people.set_risk(person=found, by=_account(request), **form.cleaned_data)
        except SamsvarError as error:
            _tell(request, error)
        else:
            messages.success(request, _("Stored, as of now and everywhere on this site."))
    else:
        messages.error(request, _("Say why, in at least ten characters."))
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def record_basis(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _managed_person(request, public_id)
    form = forms.BasisForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            consent_actions.record_basis(
                person=found,
                by=_account(request),
                purpose=Purpose(told["purpose"]),
                ground=Ground(told["ground"]),
                note=told["note"],
                until=told["until"],
            )
        except SamsvarError as error:
            _tell(request, error)
    else:
        messages.error(request, _("Say on what it stands."))
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def end_basis(request: HttpRequest, public_id: str, basis: int) -> HttpResponse:
    found = _managed_person(request, public_id)
    row = found.bases.filter(pk=basis).first()
    if row is None:
        raise Http404
    try:
        if row.ground == Ground.CONSENT:
            why = request.POST.get("why", "")[:300] or "asked for by the person"
            consent_actions.withdraw_consent(person=found, purpose=Purpose(row.purpose), by=_account(request), why=why)
        else:
            consent_actions.end_basis(basis=row, by=_account(request))
    except SamsvarError as error:
        _tell(request, error)
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def remove_photograph_of(request: HttpRequest, public_id: str) -> HttpResponse:
    photographs.remove_photograph(person=_managed_person(request, public_id), by=_account(request))
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, public_id: str, slug: str) -> HttpResponse:
    """A further office, in one network of this secretariat."""
    found = _managed_person(request, public_id)
    where = _managed_network(request, slug)
    terms = list(networks.terms_to_follow(where).select_related("person"))
    views = door.details_for(
        request.user, [term.person for term in terms], subject=f"offices of {slug}", fields=(Field.NAME,)
    )
    names = {term.person_id: view.name for term, view in zip(terms, views, strict=True)}
    form = forms.AppointForm(request.POST or None, network=where, names=names)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            members.appoint(
                network=where,
                person=found,
                by=_account(request),
                follows=form.cleaned_data["follows"],
                **form.term(),
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("network:manage-person", public_id)
    (view,) = door.details_for(request.user, [found], subject=f"person {public_id}", fields=(Field.NAME,))
    context = {"form": form, "network": where, "person": view, "refusal": refusal}
    return render(request, "network/network_appoint.html", context, status=_status(form, refusal))


# --- Organisations ----------------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    everywhere = networks.organisations()
    context = {
        "organisations": networks.organisations(kind=kind, state=state),
        "kinds": [one.value for one in OrganisationKind],
        "states": sorted(set(everywhere.exclude(state=None).values_list("state_id", flat=True))),
        "kind": kind,
        "state": state,
    }
    return render(request, "network/organisation_list.html", context)


@open_to_all
@limited("directory")
@require_safe
def organisation(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _organisation(public_id)
    page = networks.organisation_page(request.user, found)
    return render(request, "network/organisation_page.html", {"page": page, "organisation": found})


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _organisation(public_id)
    if not networks.can_manage_organisation(request.user, found):
        raise PermissionDenied
    known = {
        "name": found.name,
        "kind": found.kind,
        "state": found.state_id,
        "languages": found.languages,
        "website": found.website,
        "about": found.about,
    }
    form = forms.OrganisationForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        members.save_organisation(
            by=_account(request),
            organisation=found,
            name_language=found.name_language,
            invented=found.invented,
            **form.told(),
        )
        return redirect("network:organisation", found.public_id)
    context = {"form": form, "organisation": found}
    return render(request, "network/organisation_form.html", context, status=_status(form, None))


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def network_seats(request: HttpRequest, slug: str) -> HttpResponse:
    """The seats of a network: one more for an organisation that is here, or for a new one."""
    found = _managed_network(request, slug)
    seat = forms.SeatForm(request.POST if "seat" in request.POST else None, network=found)
    new = forms.OrganisationForm(request.POST if "new" in request.POST else None, prefix="new")
    refusal = None
    if request.method == "POST":
        try:
            if seat.is_bound and seat.is_valid():
                members.give_seat(network=found, by=_account(request), **seat.cleaned_data)
                return redirect("network:network-seats", slug)
            if new.is_bound and new.is_valid():
                made = members.save_organisation(by=_account(request), invented=found.invented, **new.told())
                members.give_seat(network=found, organisation=made, by=_account(request))
                return redirect("network:network-seats", slug)
        except SamsvarError as error:
            refusal = words.trouble(error)
    seats = found.seats.select_related("organisation").order_by("organisation__name", "begins")
    context = {"network": found, "seat": seat, "new": new, "seats": seats, "refusal": refusal}
    return render(request, "network/network_seats.html", context, status=_status(seat, refusal or new.errors))


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def end_seat(request: HttpRequest, slug: str, seat: int) -> HttpResponse:
    found = _managed_network(request, slug)
    row = found.seats.filter(pk=seat).first()
    if row is None:
        raise Http404
    form = forms.EndForm(request.POST)
    if form.is_valid():
        try:
            members.end_seat(seat=row, ends=form.cleaned_data["ends"], by=_account(request))
        except SamsvarError as error:
            _tell(request, error)
    else:
        messages.error(request, _("Name the last day of the seat."))
    return redirect("network:network-seats", slug)


# --- Small things -----------------------------------------------------------------------------------------------------


def _account(request: HttpRequest) -> models.Account:
    """Who is signed in; every view that asks stands behind a door that says so."""
    account: Any = request.user
    return account


def _network(slug: str) -> models.Network:
    found = networks.network_by(slug)
    if found is None:
        raise Http404
    return found


def _managed_network(request: HttpRequest, slug: str) -> models.Network:
    found = _network(slug)
    if not networks.can_manage_network(request.user, found):
        raise PermissionDenied
    return found


def _managed_person(request: HttpRequest, public_id: str) -> models.Person:
    found = networks.managed_person(request.user, public_id)
    if found is None:
        raise Http404
    return found


def _organisation(public_id: str) -> models.Organisation:
    found = networks.organisation_by(public_id)
    if found is None:
        raise Http404
    return found


def _day_asked_for(request: HttpRequest, today: date) -> tuple[date, Any]:
    """The day of `?on=`, or today with a word on why not."""
    asked = request.GET.get("on", "")
    if not asked:
        return today, None
    try:
        return whole_day(asked), None
    except UnreadableDate:
        return today, (_("This is no day: %(asked)s") % {"asked": asked[:40]}, "", _("Write it as 2019-06-04."))


def _tell(request: HttpRequest, error: SamsvarError) -> None:
    message, kept, advice = words.trouble(error)
    messages.error(request, " ".join(str(part) for part in (message, kept, advice) if part))


def _status(form: Any, refusal: Any) -> int:
    return 422 if form.errors else 409 if refusal else 200
