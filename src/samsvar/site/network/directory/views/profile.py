"""Views for a user's own profile, photograph and consents."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.consent import Purpose, Viewer, current_consent_text
from samsvar.network.rights import Claim
from samsvar.site.network import labels, models
from samsvar.site.network.directory import forms
from samsvar.site.network.directory.actions import consent as consent_actions
from samsvar.site.network.directory.actions import people, photographs
from samsvar.site.network.directory.queries import consents
from samsvar.site.network.directory.queries import people as people_queries
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, run_with_message
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
@page_with_form
def edit_profile(request: HttpRequest) -> HttpResponse:
    person = consents.own_person(request.user)
    form = forms.ProfileForm(request.POST or None, person=person)
    return form_page(
        request,
        form,
        action=lambda: people.save_profile(
            person=person, updates=form.get_updates(), consents=form.get_consents(), by=current_account(request)
        ),
        success=_("Profile saved."),
        redirect_to="network:profile",
        template="network/directory/profile.html",
        context=lambda: {"person": person},
    )


@requires(Claim.OWN_ACCOUNT)
@page_with_form
@reauthentication_required
def end_protection(request: HttpRequest) -> HttpResponse:
    """End the user's own protection. Requires reauthentication, in case the browser was left unattended."""
    person = consents.own_person(request.user)
    if person is None or not person.at_risk:
        raise Http404
    if request.method == "POST":
        people.end_safety_protection(person=person, by=current_account(request))
        success = _("Your safety protection is now off. Nothing about you is shown until you choose to show it.")
        messages.success(request, success)
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
    context = {"person": view, "seen_as": seen_as, "at_risk": person.at_risk}
    return render(request, "network/directory/profile_preview.html", context)


@requires(Claim.OWN_ACCOUNT)
@rate_limited("photograph")
@require_POST
def set_photograph(request: HttpRequest) -> HttpResponse:
    person = object_or_404(consents.own_person(request.user))
    upload = request.FILES.get("picture")
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
    person = object_or_404(consents.own_person(request.user))
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
    context = {"person": person, "uses": uses_with_texts, "stays_public": consents.has_public_basis(uses)}
    return render(request, "network/directory/consents.html", context)


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
    success = _("Your consent has been withdrawn with immediate effect, everywhere on this site.")
    by = current_account(request)
    run_with_message(request, consent_actions.withdraw_consent, success, person=person, purpose=consent_purpose, by=by)
    return redirect("network:consents")


def _get_person_and_purpose(request: HttpRequest, purpose: str) -> tuple[models.Person, Purpose]:
    person = consents.own_person(request.user)
    if person is None or purpose not in set(Purpose) or current_consent_text(Purpose(purpose)) is None:
        raise Http404
    return person, Purpose(purpose)
