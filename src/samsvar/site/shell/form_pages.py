"""Helpers that run an action from a form or a button, and show its result or its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from samsvar.errors import SamsvarError
from samsvar.site.shell.errors import ErrorText, describe_error

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


def run_action(action: Callable[..., Any], **kwargs: Any) -> tuple[Any, ErrorText | None]:
    """Run an action and return (result, None), or (None, error text) in the language of the page."""
    try:
        return action(**kwargs), None
    except SamsvarError as error:
        return None, describe_error(error)


def show_error_text(request: HttpRequest, error: ErrorText) -> None:
    """Show an error as a message on the next page."""
    messages.error(request, " ".join(str(part) for part in error if part))


def form_page_status(form: BaseForm | None, error: object) -> int:
    """Return the status code for a page with a form: 409 for an error, 422 for an invalid form, else 200."""
    return 409 if error else 422 if form is not None and form.errors else 200


def form_page(
    request: HttpRequest,
    form: BaseForm,
    *,
    action: Callable[[], Any],
    success: str | Callable[[Any], str] = "",
    redirect_to: str | Callable[[Any], HttpResponse],
    template: str,
    context: Callable[[], Mapping[str, Any]] = dict,
) -> HttpResponse:
    """Run the action if the form is valid and redirect with a success message; otherwise show the page.

    `success` and `redirect_to` may be functions of the action's result. `context` is called only if the page is shown;
    `form` and `error` are added to it.
    """
    error = None
    if form.is_bound and form.is_valid():
        result, error = run_action(action)
        if error is None:
            return _success_response(request, result, success, redirect_to)
    page = {"form": form, "error": error, **context()}
    return render(request, template, page, status=form_page_status(form, error))


def post_action(
    request: HttpRequest,
    action: Callable[[], Any],
    *,
    success: str | Callable[[Any], str] = "",
    redirect_to: str | Callable[[Any], HttpResponse],
    on_error: str = "",
) -> HttpResponse:
    """Run a button's action, then redirect with its success message or its error.

    After an error, redirect to `on_error` if it is set. `redirect_to` must be a URL unless `on_error` is set.
    """
    result, error = run_action(action)
    if error is None:
        return _success_response(request, result, success, redirect_to)
    show_error_text(request, error)
    return redirect(on_error or str(redirect_to))


UNDO_TAG = "undo:"  # at the beginning of a message's extra tags, before the address that undoes what was done


def show_success_with_undo(request: HttpRequest, text: str, address: str) -> None:
    """Show a success message on the next page, with a button that posts to the address that undoes the action."""
    messages.success(request, text, extra_tags=f"{UNDO_TAG}{address}")


def _success_response(
    request: HttpRequest,
    result: Any,
    success: str | Callable[[Any], str],
    redirect_to: str | Callable[[Any], HttpResponse],
) -> HttpResponse:
    message = success(result) if callable(success) else success
    if message:
        messages.success(request, message)
    return redirect_to(result) if callable(redirect_to) else redirect(redirect_to)


def run_with_message(request: HttpRequest, action: Callable[..., Any], /, success: str = "", **kwargs: Any) -> None:
    """Run an action, and show its error or the success message on the next page."""
    _result, error = run_action(action, **kwargs)
    if error:
        show_error_text(request, error)
    elif success:
        messages.success(request, success)
