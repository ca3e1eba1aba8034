"""View helper for naming consent, shared by the pages on which people manage their own participation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from samsvar.site.meetings.registration.actions import naming_consent as actions
from samsvar.site.network.access.permissions import Account, Person
from samsvar.site.shell.form_pages import post_action


def change_naming_consent(
    request: HttpRequest, person: Person, by: Account | None, *, redirect_to: str
) -> HttpResponse:
    """Give naming consent if the POST field `do` is "name"; otherwise withdraw it."""
    if request.POST.get("do") == "name":
        action: Callable[..., None] = partial(actions.give_naming_consent, version=request.POST.get("version", ""))
        success = _("You have agreed. Your name is now shown in the programme.")
    else:
        action, success = actions.withdraw_naming_consent, _("Your name is no longer shown in the programme.")
    return post_action(request, partial(action, person=person, by=by), success=success, redirect_to=redirect_to)
