"""Emails that their reader can end: the headers of RFC 8058 and the request that a mail program sends for one click."""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.policy import Policy, default
from functools import wraps
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

ONE_CLICK = ("List-Unsubscribe", "One-Click")  # name and value of the only field of the request, RFC 8058, section 3.1


def accept_one_click[**Arguments](
    view: Callable[Arguments, HttpResponseBase],
) -> Callable[Arguments, HttpResponseBase]:
    """Let a mail program POST to a view without a form token; any other POST needs one, as everywhere.

    For views whose address contains a secret and whose only effect is to end emails. A mail program sends no cookie, so
    the token would protect nothing. Place it below `public` and above all other decorators.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def accept(*args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        request: Any = args[0]
        is_one_click = request.method == "POST" and request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
        return view(*args, **kwargs) if is_one_click else protected(*args, **kwargs)

    return accept


def one_click_headers(end_url: str) -> dict[str, str]:
    """Return the headers of an email that can be ended at an address, {} for "".

    The header for one click is allowed only with https (RFC 8058, section 3.1).
    """
    if not end_url:
        return {}
    headers = {"List-Unsubscribe": f"<{end_url}>"}
    if end_url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "=".join(ONE_CLICK)
    return headers


class _UnfoldedHeader(UnstructuredHeader):
    """A header on one line. Python would write a long address as an encoded word, which no mail program reads."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _UnfoldedHeader)  # type: ignore[arg-type]  # as for any header class


class OneClickMessage(EmailMultiAlternatives):
    """An email whose header List-Unsubscribe is written on one line."""

    def message(self, *, policy: Any = default) -> Any:
        return super().message(policy=policy.clone(header_factory=_HEADERS))
