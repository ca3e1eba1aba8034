"""A secret may be in a file instead of the environment, and a changed key invalidates nothing at once."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.core import signing
from django.core.exceptions import ImproperlyConfigured

from samsvar.site.settings.base import database_settings
from samsvar.site.settings.environment import KNOWN_NAMES, Environment


def test_a_setting_is_read_from_the_environment():
    said = Environment({"SAMSVAR_SMTP": "smtp://localhost", "HOME": "/home"})
    assert (said["SAMSVAR_SMTP"], said.get("SAMSVAR_HOSTS", ""), said["HOME"]) == ("smtp://localhost", "", "/home")
    assert set(said) == {"SAMSVAR_SMTP", "HOME"}


def test_a_setting_is_read_from_the_named_file(tmp_path):
    (tmp_path / "key").write_text("a long secret \n", encoding="utf-8")
    said = Environment({"SAMSVAR_SECRET_KEY_FILE": str(tmp_path / "key")})
    # only the line ending is removed
    assert said["SAMSVAR_SECRET_KEY"] == said.get("SAMSVAR_SECRET_KEY") == "a long secret "
    assert "SAMSVAR_SECRET_KEY" in said


def test_only_samsvar_settings_are_read_from_files(tmp_path):
    (tmp_path / "other").write_text("read", encoding="utf-8")
    assert Environment({"OTHER_FILE": str(tmp_path / "other")}).get("OTHER", "") == ""


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_the_error_for_an_unreadable_file_names_the_setting_but_not_the_path(tmp_path, content):
    if content:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(
        ImproperlyConfigured, match="SAMSVAR_SECRET_KEY_FILE names a file that cannot be read"
    ) as refused:
        Environment({"SAMSVAR_SECRET_KEY_FILE": str(tmp_path / "key")}).get("SAMSVAR_SECRET_KEY")
    assert str(tmp_path) not in str(refused.value)


def test_a_setting_given_twice_is_rejected(tmp_path):
    (tmp_path / "key").write_text("one", encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match="are both set"):
        Environment({"SAMSVAR_SMTP": "other", "SAMSVAR_SMTP_FILE": str(tmp_path / "key")}).get("SAMSVAR_SMTP")


def test_a_missing_setting_is_named_with_its_purpose():
    with pytest.raises(ImproperlyConfigured, match="SAMSVAR_HOSTS is not set: the names of the site"):
        Environment({}).require("SAMSVAR_HOSTS", "the names of the site")


def test_signatures_of_an_older_key_are_valid_while_that_key_is_listed(settings):
    settings.SECRET_KEY = "the key before"
    signed = signing.dumps("a link in a letter")
    settings.SECRET_KEY = "the key now"
    with pytest.raises(signing.BadSignature):
        signing.loads(signed)
    settings.SECRET_KEY_FALLBACKS = ["the key before"]
    assert signing.loads(signed) == "a link in a letter"


def test_each_test_process_keeps_its_files_in_its_own_folder():
    """In a shared folder, a file that one process deletes would be missing in a test of another."""
    from samsvar.site.settings.base import DATA

    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        assert DATA.name == worker
    else:
        assert DATA.name.startswith("samsvar-test-")


# --- Mistyped names and values ----------------------------------------------------------------------------------------


def test_an_unknown_setting_is_named_with_the_one_that_was_probably_meant():
    Environment(dict.fromkeys(KNOWN_NAMES, "x") | {"SAMSVAR_SECRET_KEY_FILE": "", "OTHER": "x"}).check_names()
    with pytest.raises(
        ImproperlyConfigured, match=r"SAMSVAR_DATABSE \(did you mean SAMSVAR_DATABASE\?\), SAMSVAR_ZZZZ\."
    ):
        Environment({"SAMSVAR_DATABSE": "sqlite:///x", "SAMSVAR_ZZZZ": "1"}).check_names()


@pytest.mark.parametrize("value", ["abc", "64MB", "-1", "1.5", "٣"])
def test_a_value_that_is_not_a_number_is_named(value):
    with pytest.raises(ImproperlyConfigured, match="SAMSVAR_PROXIES must be a whole number such as 1, not"):
        Environment({"SAMSVAR_PROXIES": value}).integer("SAMSVAR_PROXIES", 1)
    assert Environment({"SAMSVAR_PROXIES": " 2 "}).integer("SAMSVAR_PROXIES", 1) == 2
    assert Environment({}).integer("SAMSVAR_PROXIES", 1) == 1


def test_an_unsupported_database_is_named_without_its_password():
    with pytest.raises(ImproperlyConfigured, match="SAMSVAR_DATABASE must start with sqlite") as refused:
        database_settings("mysql://user:secret@host/name")
    assert "secret" not in str(refused.value)


def test_every_variable_that_the_code_reads_is_known_and_every_one_of_a_site_is_documented():
    root = Path(__file__).resolve().parents[2]
    read = set()
    for path in (*root.glob("src/**/*.py"), *root.glob("tools/*.py")):
        read |= set(re.findall(r"environ(?:ment)?\b[^\n]{0,14}\"(SAMSVAR_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    assert len(read) > 20
    assert read - {"SAMSVAR_"} <= KNOWN_NAMES
    guide = (root / "docs/how-to/deploy.md").read_text(encoding="utf-8")
    of_site = {name for name in KNOWN_NAMES if not name.endswith(("DEMO_DATABASE", "TEST_DATABASE", "CHROMIUM"))}
    assert {name for name in of_site if name not in guide and not name.startswith("SAMSVAR_OIDC_")} == set()
