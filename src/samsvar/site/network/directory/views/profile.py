"""One's own entry and photograph, and the consents that it stands on."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.consent import Purpose, Viewer, current_text
from samsvar.network.rights import Claim
from samsvar.site.network import labels as words
from samsvar.site.network import models
from samsvar.site.network.directory import forms
from samsvar.site.network.directory.actions import consent as consent_actions
from samsvar.site.network.directory.actions import people, photographs
from samsvar.site.network.directory.queries import consents
from samsvar.site.network.directory.queries import people as door
from samsvar.site.network.view_helpers import account_of, site_of, tell
from samsvar.site.shell.limits import limited
from samsvar.site.shell.uploads import UploadRefused
from samsvar.site.shell.view_permissions import door as opens

PREVIEWS = {
    "network": Viewer(signed_in=True, shares_network=True),
    "signed-in": Viewer(signed_in=True),
    "public": Viewer(),
}


# --- One's own entry --------------------------------------------------------------------------------------------------


@opens(Claim.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest) -> HttpResponse:
    own = consents.own_person(request.user)
    form = forms.EntryForm(request.POST or None, person=own)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            people.save_entry(person=own, said=form.said(), consents=form.given(), by=account_of(request))
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            messages.success(request, _("Your entry is stored."))
            return redirect("network:entry")
    context = {"form": form, "person": own, "refusal": refusal}
    status = 422 if form.errors else 409 if refusal else 200
    return render(request, "network/entry_form.html", context, status=status)


@opens(Claim.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def end_protection(request: HttpRequest) -> HttpResponse:
    """End what hides oneself; whoever sits at a browser that was left open has to show first that it is them."""
    own = consents.own_person(request.user)
    if own is None or not own.at_risk:
        raise Http404
    if request.method == "POST":
        people.end_hiding_for_safety(person=own, by=account_of(request), site=site_of(request))
        messages.success(request, _("You are hidden no more. Nothing of you is shown until you choose it."))
        return redirect("network:entry")
    return render(request, "network/entry_end_protection.html")


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
        photographs.set_photograph(person=own, upload=upload, by=account_of(request))
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
    photographs.remove_photograph(person=own, by=account_of(request))
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
        consent_actions.give_consent(person=own, purpose=use, version=version, by=account_of(request))
    except SamsvarError as error:
        tell(request, error)
    else:
        messages.success(request, _("Your consent is written down. You can withdraw it here at any time."))
    return redirect("network:consents")


@opens(Claim.OWN_ACCOUNT)
@require_POST
def withdraw_consent(request: HttpRequest, purpose: str) -> HttpResponse:
    own, use = _own_use(request, purpose)
    try:
        consent_actions.withdraw_consent(person=own, purpose=use, by=account_of(request))
    except SamsvarError as error:
        tell(request, error)
    else:
        messages.success(request, _("Your consent is withdrawn, as of now and everywhere on this site."))
    return redirect("network:consents")


def _own_use(request: HttpRequest, purpose: str) -> tuple[models.Person, Purpose]:
    own = consents.own_person(request.user)
    if own is None or purpose not in set(Purpose) or current_text(Purpose(purpose)) is None:
        raise Http404
    return own, Purpose(purpose)
