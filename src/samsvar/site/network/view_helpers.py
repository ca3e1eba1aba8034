"""Small steps that views of this app share: who asks, what is there, what stood in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from samsvar.errors import SamsvarError
from samsvar.site.network import labels as words
from samsvar.site.network import models


def account_of(request: HttpRequest) -> models.Account:
    """Who is signed in; every view that asks stands behind a door that says so."""
    if not isinstance(request.user, models.Account):
        raise PermissionDenied
    return request.user


def site_of(request: HttpRequest) -> str:
    """The address of this site, to which letters lead."""
    return request.build_absolute_uri("/")


def or_404[Found](found: Found | None) -> Found:
    if found is None:
        raise Http404
    return found


def tried(action: Callable[..., Any], **how: Any) -> tuple[Any, words.Trouble | None]:
    """What an action returned, or why it would not, in the reader's language."""
    return tried_saying(words.trouble, action, how)


def tried_saying(
    trouble: Callable[[SamsvarError], words.Trouble], action: Callable[..., Any], how: Mapping[str, Any]
) -> tuple[Any, words.Trouble | None]:
    """The same for a room that has words of its own for what stands in the way."""
    try:
        return action(**how), None
    except SamsvarError as refusal:
        return None, trouble(refusal)


def tell(request: HttpRequest, error: SamsvarError) -> None:
    """What stood in the way, above the next page."""
    tell_trouble(request, words.trouble(error))


def tell_trouble(request: HttpRequest, trouble: words.Trouble) -> None:
    """The same, where it is in words already."""
    messages.error(request, " ".join(str(part) for part in trouble if part))


def status_of(form: Any, refusal: Any) -> int:
    """Of a page with a form: what stood in the way, else what is wrong in the form, which may not be there (None)."""
    return 409 if refusal else 422 if form is not None and form.errors else 200
