"""The page of somebody whom an organiser put into a session: may the programme name them, is it written right."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from samsvar.ids import secret_hash
from samsvar.site.meetings.meeting.permissions import can_see
from samsvar.site.meetings.meeting.view_helpers import by_of, no_such_link, tried
from samsvar.site.meetings.programme.actions import speakers as actions
from samsvar.site.meetings.programme.queries import speakers as queries
from samsvar.site.meetings.registration.actions.registering import must_be_theirs
from samsvar.site.meetings.registration.forms.registration import NameForm
from samsvar.site.network.directory.forms import initial_organisation
from samsvar.site.network.view_helpers import status_of
from samsvar.site.shell.view_permissions import open_to_all


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def speaking(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """By the link of the letter; whoever has an account under the address signs in first, and is who they are."""
    link = queries.link_with(slug, secret_hash(token))
    if link is None:
        return no_such_link(request)
    user = by_of(request)
    _done, refusal = tried(must_be_theirs, invitation=link, account=user)
    if refusal is not None:
        context = {
            "meeting": link.meeting, "refusal": refusal, "offers_sign_in": user is None,
            "sign_in": f"{reverse('account_login')}?next={request.path}",
        }  # fmt: skip
        return render(request, "meetings/speaking_not_theirs.html", context, status=409)
    if user is not None:
        link = actions.take_over(link=link, account=user)
    page = queries.speaking_page(link, user)
    by = None if page.keeps_apart else user
    do = request.POST.get("do", "")
    known = page.written_so
    form = NameForm(
        request.POST if do == "correct" else None, country=known.get("country", ""), auto_id="correct_%s",
        asks_organisation=not link.person.at_risk,
        initial=known | initial_organisation(known.get("organisation", "")),
    )  # fmt: skip
    done: bool | None = None
    said = ""
    if do in {"name", "unname"} and page.naming is not None:
        version = request.POST.get("version", "")
        done, refusal = tried(actions.name_or_not, link=link, named=do == "name", version=version, by=by)
        said = (
            _("You have agreed. The programme names you from now on.")
            if do == "name"
            else _("The programme does not name you.")
        )
    elif do == "correct" and page.writes_name and form.is_valid():
        done, refusal = tried(actions.correct, link=link, **form.said())
        said = _("It is written so from now on.")
    elif do in {"appear", "stay-away"}:
        done, refusal = tried(actions.appear_or_not, link=link, appears=do == "appear", by=by)
        said = (
            _("You appear again. Those who run the meeting see it.")
            if do == "appear"
            else _("Those who run the meeting see that you do not appear.")
        )
    if done is not None:
        messages.success(request, said)
        return redirect(request.path)
    context = {
        "meeting": link.meeting, "page": page, "naming": page.naming, "asks_for_no": page.waits, "form": form,
        "refusal": refusal, "goes_on": can_see(request.user, link.meeting),
    }  # fmt: skip
    return render(request, "meetings/speaking.html", context, status=status_of(form, refusal))
