"""What went wrong is said in the reader's language: every error of the network that a page can meet has its words."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from django.urls import reverse

from samsvar.network.membership import NetworkError
from samsvar.network.rights import Role
from samsvar.site import network
from samsvar.site.network import labels as words
from samsvar.site.network.messages.actions import AskError
from tests.factories.people import make_account, sign_in

# Errors of what a command or the settings say; who runs the machine reads them, and no page can meet them.
OF_THE_MACHINE = {"unknown_kind", "secret_is_lost", "bad_fact", "network_error"}


def errors_of_the_network() -> list[type[NetworkError]]:
    for module in pkgutil.walk_packages(network.__path__, f"{network.__name__}."):
        if ".actions" in module.name:
            importlib.import_module(module.name)
    found, waiting = [], [NetworkError]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        found.append(one)
    return found


@pytest.mark.parametrize("error", errors_of_the_network(), ids=lambda one: one.__qualname__)
def test_every_error_of_the_network_has_words(error):
    if issubclass(error, AskError):  # written in the language of whoever is at the page
        return
    assert error.code in words._TROUBLES or error.code in OF_THE_MACHINE


def test_there_are_errors_to_have_words():
    assert {"last_administrator", "over_already", "name_is_taken"} <= {one.code for one in errors_of_the_network()}


def test_a_page_shows_the_words_and_not_what_a_command_would_say(client, db, monkeypatch):
    monkeypatch.setitem(words._TROUBLES, "over_already", ("Det var slutt allerede.", "Se på siden."))
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="ending a role twice")
    account = make_account(Role.READER)
    end = reverse("network:end-role", args=[account.public_id, account.grants.get().pk])
    assert client.post(end, {"reason": "left the ministry"}).status_code == 302
    answer = client.post(end, {"reason": "left the ministry"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Det var slutt allerede." in page
    assert "Se på siden." in page
    assert "This role has ended already." not in page
