"""What went wrong is said in the reader's language: every error of the site carries its own text."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import override
from django.views.defaults import permission_denied

from samsvar.network.membership import TermsOverlap
from samsvar.network.rights import Role
from samsvar.site import network
from samsvar.site.network.access.actions.roles import AlreadyEnded
from samsvar.site.shell.errors import SiteError, describe_error
from tests.factories.people import make_account, sign_in


def site_errors() -> list[type[SiteError]]:
    for module in pkgutil.walk_packages(network.__path__, f"{network.__name__}."):
        if ".actions" in module.name:
            importlib.import_module(module.name)
    errors, bases = [], [SiteError]
    while bases:
        for error in bases.pop().__subclasses__():
            (bases if error.__subclasses__() else errors).append(error)
    return errors


@pytest.mark.parametrize("error", site_errors(), ids=lambda one: one.__qualname__)
def test_every_site_error_has_a_message(error):
    assert str(error.message) or "__init__" in vars(error)  # or a text with what went wrong
    assert error.code != SiteError.code


def test_the_list_of_site_errors_is_complete_enough_to_check():
    assert {"last_administrator", "already_ended", "name_taken"} <= {one.code for one in site_errors()}


def test_an_error_of_the_library_is_translated():
    with override("nb"):
        message, effect, advice = map(str, describe_error(TermsOverlap("There are two chairs.")))
    assert message == "Noen har allerede dette vervet i den perioden."
    assert (effect, bool(advice)) == ("Ingenting ble lagret.", True)


def test_a_page_shows_the_message_and_the_advice_of_an_error(client, db, monkeypatch):
    monkeypatch.setattr(AlreadyEnded, "message", "Det var slutt allerede.")
    monkeypatch.setattr(AlreadyEnded, "advice", "Se på siden.")
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="ending a role twice")
    account = make_account(Role.READER)
    end = reverse("network:end-role", args=[account.public_id, account.grants.get().pk])
    assert client.post(end, {"reason": "left the ministry"}).status_code == 302
    answer = client.post(end, {"reason": "left the ministry"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Det var slutt allerede." in page
    assert "Se på siden." in page


def test_a_refusal_offers_to_sign_in_only_to_those_who_are_not_signed_in(client, db):
    address = reverse("monitoring:toggle-shortcuts")
    sign_in_link = f'href="{reverse("account_login")}'
    sign_in(client, make_account(Role.READER))
    answer = client.post(address)
    assert answer.status_code == 403
    assert sign_in_link not in answer.content.decode()
    assert "Your account does not have permission to do this." in answer.content.decode()


def test_a_refusal_of_a_visitor_offers_to_sign_in(rf, db):
    request = rf.get("/en/nowhere/")
    request.user = AnonymousUser()
    page = permission_denied(request, PermissionDenied()).content.decode()
    assert "you are not signed in" in page
    assert page.count(f'href="{reverse("account_login")}') > 1  # in the page too, not only in its header
