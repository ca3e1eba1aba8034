"""A disk that is full, a folder that cannot be written and a damaged database are said by name, with what was kept."""

from __future__ import annotations

import base64
import errno
import logging
import pickle
import sqlite3
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.urls import reverse

from samsvar.network.rights import Role
from samsvar.site import manage
from samsvar.site.network.models import Account
from samsvar.site.shell.storage_faults import StorageFault, check_data_folder, find_storage_fault
from samsvar.site.shell.views import server_error
from tests.factories.people import PASSWORD, make_account, sign_in

STATEMENTS_THAT_WRITE = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def full_disk(db):
    """Make every statement that writes fail as SQLite fails on a full disk."""

    def refuse(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(STATEMENTS_THAT_WRITE):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    return lambda: connection.execute_wrapper(refuse)


def test_sign_in_on_a_full_disk_says_what_was_kept_and_not_too_many_requests(client, full_disk):
    account = make_account()
    client.raise_request_exception = False
    with full_disk():
        answer = client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Nothing of what you just sent was saved; everything saved before is kept." in answer.content.decode()
    assert client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD}).status_code == 302


def test_an_upload_on_a_full_disk_says_what_was_kept(client, full_disk):
    sign_in(client, make_account(Role.EDITOR))
    client.raise_request_exception = False
    report = SimpleUploadedFile("report.txt", b"1. GREVIO urges the authorities to act.")
    with full_disk():
        answer = client.post(reverse("monitoring:upload"), {"file": report, "report": report})
    assert answer.status_code == 503
    assert "everything saved before is kept" in answer.content.decode()


class PostgresqlError(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (sqlite3.OperationalError("database or disk is full"), StorageFault.FULL),
        (sqlite3.OperationalError("attempt to write a readonly database"), StorageFault.READ_ONLY),
        (OperationalError("unable to open database file"), StorageFault.READ_ONLY),
        (sqlite3.DatabaseError("database disk image is malformed"), StorageFault.DAMAGED),
        (sqlite3.DatabaseError("file is not a database"), StorageFault.DAMAGED),
        (PostgresqlError("53100"), StorageFault.FULL),
        (PostgresqlError("25006"), StorageFault.READ_ONLY),
        (PostgresqlError("57P01"), StorageFault.UNREACHABLE),
        (OSError(errno.ENOSPC, "No space left on device"), StorageFault.FULL),
        (OSError(errno.EROFS, "Read-only file system"), StorageFault.READ_ONLY),
        (sqlite3.OperationalError("database is locked"), None),
        (OSError(errno.ENOENT, "No such file"), None),
        (ValueError("disk is full"), None),
        (None, None),
    ],
)
def test_each_fault_is_recognised_also_as_the_cause_of_another_error(error, fault):
    assert find_storage_fault(error) == fault
    later = RuntimeError("later")
    later.__cause__ = error
    assert find_storage_fault(later) == fault


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("attempt to write a readonly database"), 503, "The data cannot be read at the moment"),
        (OperationalError("database disk image is malformed"), 503, "The data cannot be read at the moment"),
        (ValueError("something else"), 500, "Something broke on our side"),
    ],
)
def test_the_page_after_an_error_names_the_database_only_if_it_is_the_cause(error, status, words, caplog):
    caplog.set_level(logging.ERROR)
    try:
        raise error
    except Exception:
        answer = server_error(RequestFactory().get("/"))
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert [record.name for record in caplog.records] == (["samsvar.storage"] if status == 503 else [])


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    assert check_data_folder(tmp_path) is None
    assert check_data_folder(tmp_path / "missing") is StorageFault.READ_ONLY
    assert list(Path(tmp_path).iterdir()) == []


# --- The cache in the database ----------------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_a_pickle_in_the_cache_table_is_never_loaded(db):
    cache.set("attempts", [1.5], 60)
    with connection.cursor() as cursor:
        packed = base64.b64encode(pickle.dumps(Bomb())).decode()
        cursor.execute("UPDATE samsvar_cache SET value = %s WHERE cache_key = %s", [packed, cache.make_key("attempts")])
        assert cursor.rowcount == 1
    assert cache.get("attempts") is None
    cache.set("attempts", [2.5], 60)
    assert cache.get("attempts") == [2.5]


def test_the_cache_keeps_values_until_they_expire_and_adds_each_key_once(db):
    assert cache.add("code", True, 60)
    assert not cache.add("code", True, 60)
    assert cache.touch("code", -1)
    assert (cache.get("code"), cache.touch("code", 60), cache.add("code", {"a": None}, 60)) == (None, False, True)
    assert cache.get_many(["code", "other"]) == {"code": {"a": None}}
    cache.set("always", "æ", None)
    assert (cache.get("always"), cache.delete("always"), cache.get("always")) == ("æ", True, None)
    with pytest.raises(TypeError):
        cache.set("object", Account(), 60)


def test_a_cache_that_cannot_be_written_says_so(full_disk):
    with full_disk(), pytest.raises(OperationalError):
        cache.add("lock", True, 10)


def test_the_cache_table_does_not_grow_without_end(db, monkeypatch):
    monkeypatch.setattr("samsvar.site.shell.json_cache.secrets.randbelow", lambda _: 0)
    monkeypatch.setattr(caches["default"], "_max_entries", 10)
    for number in range(30):
        cache.set(f"key-{number}", number, 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM samsvar_cache")
        assert cursor.fetchone()[0] <= 11


# --- Starting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("attempt to write a readonly database"), "cannot be written"),
        (PermissionError(13, "Permission denied"), "cannot be written"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (sqlite3.DatabaseError("file is not a database"), "restore the last backup"),
    ],
)
def test_a_start_without_usable_data_says_why_instead_of_a_traceback(monkeypatch, error, words):
    def fail(_):
        raise error

    monkeypatch.setattr("django.core.management.execute_from_command_line", fail)
    monkeypatch.setattr("sys.argv", ["samsvar-site", "work"])
    with pytest.raises(SystemExit) as stopped:
        manage.main()
    assert str(stopped.value).startswith("Nothing was started: ")
    assert words in str(stopped.value)


def test_other_errors_at_the_start_are_raised(monkeypatch):
    monkeypatch.setattr("django.core.management.execute_from_command_line", lambda _: 1 / 0)
    monkeypatch.setattr("sys.argv", ["samsvar-site", "work"])
    with pytest.raises(ZeroDivisionError):
        manage.main()


def test_the_demonstration_starts_without_search_if_a_file_is_in_the_place_of_its_folder(monkeypatch, capsys):
    from samsvar.site.demo.management.commands import demo

    def fail():
        raise CommandError("The folder of the search index cannot be used.")

    monkeypatch.setattr(demo, "_build_search_index", fail)
    for name in ("_collect_static", "fill_demo", "move_incompatible_data", "call_command", "update_email_links"):
        monkeypatch.setattr(demo, name, lambda *_, **__: None)
    demo.Command().handle(host="127.0.0.1", port=8708, workers=2, no_serve=True)
    out, err = capsys.readouterr()
    assert "The folder of the search index cannot be used." in err
    assert "Ready after" in out
