"""Views for a user's own profile, photograph and consents."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.network.consent import Purpose, Viewer, current_consent_text
from samsvar.network.rights import Claim
from samsvar.site.network import labels, models
from samsvar.site.network.directory import forms
from samsvar.site.network.directory.actions import consent as consent_actions
from samsvar.site.network.directory.actions import people, photographs
from samsvar.site.network.directory.queries import consents
from samsvar.site.network.directory.queries import people as people_queries
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.form_pages import run_action, run_with_message
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.uploads import UploadRejected
from samsvar.site.shell.view_permissions import requires

PREVIEWS = {
    "network": Viewer(signed_in=True, shares_network=True),
    "signed-in": Viewer(signed_in=True),
    "public": Viewer(),
}


# --- Own profile ------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_profile(request: HttpRequest) -> HttpResponse:
    person = consents.own_person(request.user)
    form = forms.ProfileForm(request.POST or None, person=person)
    error_text = None
    if request.method == "POST" and form.is_valid():
        _person, error_text = run_action(
            people.save_profile,
            person=person,
            updates=form.get_updates(),
            consents=form.get_consents(),
            by=current_account(request),
        )
        if not error_text:
            messages.success(request, _("Profile saved."))
            return redirect("network:profile")
    context = {"form": form, "person": person, "error": error_text}
    status = 422 if form.errors else 409 if error_text else 200
    return render(request, "network/directory/profile.html", context, status=status)


@requires(Claim.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def end_protection(request: HttpRequest) -> HttpResponse:
    """End the user's own protection. Requires reauthentication, in case the browser was left unattended."""
    person = consents.own_person(request.user)
    if person is None or not person.at_risk:
        raise Http404
    if request.method == "POST":
        people.end_safety_protection(person=person, by=current_account(request))
        messages.success(
            request, _("Your safety protection is now off. Nothing about you is shown until you choose to show it.")
        )
        return redirect("network:profile")
    return render(request, "network/directory/end_protection.html")


@requires(Claim.OWN_ACCOUNT)
@require_safe
def preview_profile(request: HttpRequest, seen_as: str) -> HttpResponse:
    """Show the user's own profile as others see it now."""
    person = consents.own_person(request.user)
    if person is None or seen_as not in PREVIEWS:
        raise Http404
    view = people_queries.build_profile_preview(person, PREVIEWS[seen_as])
    return render(
        request,
        "network/directory/profile_preview.html",
        {"person": view, "seen_as": seen_as, "at_risk": person.at_risk},
    )


@requires(Claim.OWN_ACCOUNT)
@rate_limited("photograph")
@require_POST
def set_photograph(request: HttpRequest) -> HttpResponse:
    person = consents.own_person(request.user)
    upload = request.FILES.get("picture")
    if person is None:
        raise Http404
    if upload is None:
        messages.error(request, _("Choose a photograph first."))
        return redirect("network:profile")
    try:
        photographs.set_photograph(person=person, upload=upload, by=current_account(request))
    except UploadRejected as error:
        messages.error(request, error.full_message())
    else:
        messages.success(request, _("Photograph saved, without the data that cameras embed in images."))
    return redirect("network:profile")


@requires(Claim.OWN_ACCOUNT)
@require_POST
def remove_photograph(request: HttpRequest) -> HttpResponse:
    person = consents.own_person(request.user)
    if person is None:
        raise Http404
    photographs.remove_photograph(person=person, by=current_account(request))
    messages.success(request, _("Photograph deleted."))
    return redirect("network:profile")


# --- Consents ---------------------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@require_safe
def own_consents(request: HttpRequest) -> HttpResponse:
    person = consents.own_person(request.user)
    uses = consents.purpose_consents(person) if person else ()
    texts = {use.purpose: labels.CONSENT_TEXTS[use.text.version] for use in uses if use.text}
    uses_with_texts = [(use, texts.get(use.purpose, ())) for use in uses]
    return render(
        request,
        "network/directory/consents.html",
        {"person": person, "uses": uses_with_texts, "stays_public": consents.has_public_basis(uses)},
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def give_consent(request: HttpRequest, purpose: str) -> HttpResponse:
    person, consent_purpose = _get_person_and_purpose(request, purpose)
    version = request.POST.get("version", "")
    success = _("Your consent has been recorded. You can withdraw it here at any time.")
    run_with_message(
        request, consent_actions.give_consent, success, person=person, purpose=consent_purpose, version=version,
        by=current_account(request),
    )  # fmt: skip
    return redirect("network:consents")


@requires(Claim.OWN_ACCOUNT)
@require_POST
def withdraw_consent(request: HttpRequest, purpose: str) -> HttpResponse:
    person, consent_purpose = _get_person_and_purpose(request, purpose)
    success, by = (
        _("Your consent has been withdrawn with immediate effect, everywhere on this site."),
        current_account(request),
    )
    run_with_message(request, consent_actions.withdraw_consent, success, person=person, purpose=consent_purpose, by=by)
    return redirect("network:consents")


def _get_person_and_purpose(request: HttpRequest, purpose: str) -> tuple[models.Person, Purpose]:
    person = consents.own_person(request.user)
    if person is None or purpose not in set(Purpose) or current_consent_text(Purpose(purpose)) is None:
        raise Http404
    return person, Purpose(purpose)
