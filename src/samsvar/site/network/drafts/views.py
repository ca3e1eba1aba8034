"""The address at which a script saves, reads and deletes the drafts of forms."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.drafts import actions
from samsvar.site.network.drafts.forms import DraftForm
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.form_pages import page_with_form
from samsvar.site.shell.templatetags.samsvar import day as format_day
from samsvar.site.shell.view_permissions import requires


@requires(Claim.OWN_ACCOUNT)
@never_cache
@page_with_form
def form_drafts(request: HttpRequest) -> HttpResponse:
    """Return the drafts of the forms of `?page=` as JSON; save or delete one that is posted."""
    account = current_account(request)
    if request.method != "POST":
        drafts = models.FormDraft.objects.filter(account=account, page=request.GET.get("page", ""))
        return JsonResponse({"drafts": [_describe_draft(draft) for draft in drafts]})
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    page, number, typed = (form.cleaned_data[name] for name in ("page", "form", "fields_typed"))
    if typed is None:
        actions.delete_drafts(by=account, pages=[page], form=number)
    else:
        actions.save_draft(by=account, page=page, form=number, fields=typed)
    return HttpResponse(status=204)


def _describe_draft(draft: models.FormDraft) -> dict[str, object]:
    moment = timezone.localtime(draft.at)
    saved_at = f"{format_day(moment.date())}, {moment:%H:%M}"
    return {
        "form": draft.form,
        "fields": draft.fields,
        "notice": _("You entered something here on %(time)s and did not send it. Only you can see it.")
        % {"time": saved_at},
        "restore": _("Restore draft"),
        "delete": _("Delete draft"),
    }
