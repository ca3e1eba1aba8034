"""Views of the weekly email: what it would contain today, a person's settings, and ending it without signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samsvar.network.rights import Claim
from samsvar.site.implementation.digest import actions, queries
from samsvar.site.implementation.digest.forms import DigestForm
from samsvar.site.implementation.digest.models import DigestSubscription
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form
from samsvar.site.shell.one_click import accept_one_click
from samsvar.site.shell.view_permissions import public, requires


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def digest(request: HttpRequest) -> HttpResponse:
    """Show what is due and overdue for the person's desk, and the settings of their weekly email."""
    account = current_account(request)
    current = DigestSubscription.objects.filter(account=account).first() or DigestSubscription(account=account)
    initial = {"is_on": current.is_on, "snoozed_until": current.snoozed_until}
    form = DigestForm(request.POST if request.method == "POST" else None, initial=initial)
    return form_page(
        request, form,
        action=lambda: actions.change_digest(account=account, **form.values()),
        success=_("Saved."),
        redirect_to=reverse("implementation:digest"),
        template="implementation/digest/digest.html",
        context=lambda: {"states": queries.lines_for(account, timezone.localdate()), "subscription": current},
    )  # fmt: skip


@public
@accept_one_click
@page_with_form
def end_digest(request: HttpRequest, token: str) -> HttpResponse:
    """End the weekly email of the person who got this link: by the button, or by one click in a mail program.

    Opening the page ends nothing, because scanners open links.
    """
    account = object_or_404(queries.end_links.find_account(token))
    if request.method == "POST":
        actions.change_digest(account=account, is_on=False)
    return render(request, "implementation/digest/end.html", {"has_ended": request.method == "POST"})
