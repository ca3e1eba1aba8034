"""Actions that save and delete the drafts of forms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from samsvar.site.network import models
from samsvar.site.network.access.permissions import Account

MAX_DRAFTS = 20  # of an account; the oldest is deleted


def save_draft(*, by: Account, page: str, form: str, fields: Mapping[str, Sequence[str]]) -> None:
    """Save what someone has typed in a form of a page, in place of what they typed there before."""
    with transaction.atomic():
        models.FormDraft.objects.update_or_create(account=by, page=page, form=form, defaults={"fields": dict(fields)})
        newest = list(models.FormDraft.objects.filter(account=by).values_list("pk", flat=True)[:MAX_DRAFTS])
        models.FormDraft.objects.filter(account=by).exclude(pk__in=newest).delete()


def delete_drafts(*, by: Account, pages: Collection[str], form: str | None = None) -> None:
    """Delete the drafts of the forms of some pages, or of one form; without a draft, nothing is written."""
    drafts = models.FormDraft.objects.filter(account=by, page__in=pages)
    if form is not None:
        drafts = drafts.filter(form=form)
    if drafts.exists():  # on SQLite even a deletion of nothing would wait for all writers
        drafts.delete()


def delete_drafts_below(path: str, *, of: Account | None = None) -> None:
    """Delete the drafts of all pages with a path in their address, in any language; `of` one account, or of everyone.

    For a page that is deleted, or that someone may no longer open.
    """
    drafts = models.FormDraft.objects.filter(page__contains=path)
    if of is not None:
        drafts = drafts.filter(account=of)
    if drafts.exists():
        drafts.delete()
