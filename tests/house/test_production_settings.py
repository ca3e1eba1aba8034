"""Tests of a production site: Django's own check, the values of its settings, and the headers of every response."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from typing import Any

from tests.house.conftest import ProductionSite

# Runs in a separate process, through the WSGI application that gunicorn serves, including the page cache.
REQUEST_SCRIPT = """
import io, json, sys
from samsvar.site.wsgi import application

def ask(request):
    heard = []
    address, _, query = request["path"].partition("?")
    body = b"x" * request.get("body", 0)
    environ = {
        "REQUEST_METHOD": request.get("method", "GET"), "PATH_INFO": address, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "inside", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": request.get("host", "samsvar.example"), "HTTP_X_FORWARDED_PROTO": request.get("proto", "https"),
        "HTTP_X_FORWARDED_FOR": "192.0.2.7", "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    parts = application(environ, lambda status, headers, exc_info=None: heard.append((status, headers)))
    text = b"".join(parts).decode("utf-8", "replace")
    close = getattr(parts, "close", None)
    if close:
        close()
    status, headers = heard[0]
    return {"status": int(status[:3]), "headers": [[n.lower(), v] for n, v in headers], "text": text[:20_000]}

from django.contrib.staticfiles.storage import staticfiles_storage
requests = json.load(sys.stdin)
for request in requests:
    request["path"] = request["path"].replace("{css}", staticfiles_storage.url("samsvar/samsvar.css"))
print(json.dumps([ask(request) for request in requests]))
"""

SETTINGS_SCRIPT = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name, None) for name in json.load(sys.stdin)}, default=str))
"""

PAGES = ("/en/", "/en/countries/", "/en/articles/7/", "/en/findings/", "/en/matrix/", "/en/search/?q=shelters", "/nb/")


def send_requests(site: ProductionSite, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the site's response to each request, all sent in one process."""
    done = site.run("-c", REQUEST_SCRIPT, said=json.dumps(requests))
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return [{**one, "headers": dict(one["headers"]), "names": [name for name, _ in one["headers"]]} for one in answers]


def test_djangos_deployment_check_finds_no_issues(production_site):
    done = production_site.run("-m", "samsvar.site.manage", "check", "--deploy", "--fail-level", "INFO")
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (0 silenced).")


def test_production_settings_have_these_values(production_site):
    expected = {
        "DEBUG": False,
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_DOMAIN": None,
        "CSRF_COOKIE_PATH": "/",
        "CSRF_TRUSTED_ORIGINS": ["https://samsvar.example"],
        "ALLOWED_HOSTS": ["samsvar.example"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "SESSION_ENGINE": "samsvar.site.network.accounts.session_store",
        "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer",
    }
    done = production_site.run("-c", SETTINGS_SCRIPT, said=json.dumps(list(expected)))
    assert json.loads(done.stdout) == expected


def test_passwords_are_stored_with_a_slow_hash(production_site):
    said = "from django.contrib.auth.hashers import *; h = get_hasher(); print(h.algorithm, h.iterations)"
    done = production_site.run("-c", f"import django; django.setup(); {said}")
    algorithm, rounds = done.stdout.split()
    assert algorithm == "pbkdf2_sha256"
    assert int(rounds) >= 600_000  # the minimum of ASVS 5.0 for this function


REQUESTS = [
    *({"path": path} for path in PAGES),
    {"path": "/"},
    {"path": "/robots.txt"},
    {"path": "{css}"},
    {"path": "/en/nowhere/"},
    {"path": "/static/nowhere.css"},
    {"path": "/en/upload/"},
    {"path": "/en/\x00"},
    {"path": "/en/", "host": "elsewhere.example"},
    {"path": "/en/search/", "method": "POST", "body": 10},
    {"path": "/en/upload/", "method": "POST", "body": 10},
]


def test_every_response_has_the_security_headers(production_site):
    answers = send_requests(production_site, *REQUESTS)
    assert {answer["status"] for answer in answers} >= {200, 302, 400, 403, 404}  # every kind of response occurs
    for request, answer in zip(REQUESTS, answers, strict=True):
        said = answer["headers"]
        policy = said.get("content-security-policy", "")
        kind = said.get("content-type", "")
        assert (
            request,
            said.get("strict-transport-security"),
            said.get("x-content-type-options"),
            said.get("referrer-policy"),
            "default-src 'none'" in policy and "base-uri 'none'" in policy and "frame-ancestors 'none'" in policy,
            "unsafe" in policy or "http" in policy,
            [name for name in answer["names"] if name.startswith("access-control-")],
            not answer["text"] or "charset=" in kind,
        ) == (request, "max-age=31536000; includeSubDomains; preload", "nosniff", "same-origin", True, False, [], True)


def test_responses_do_not_name_the_server_software(production_site):
    for answer in send_requests(production_site, {"path": "/en/"}, {"path": "/en/nowhere/"}):
        assert {"server", "x-powered-by", "via"} & set(answer["names"]) == set()


def test_http_requests_are_redirected_to_https(production_site):
    (answer,) = send_requests(production_site, {"path": "/en/findings/?on=2019-06-04", "proto": "http"})
    assert (answer["status"], answer["headers"]["location"], answer["text"]) == (
        301,
        "https://samsvar.example/en/findings/?on=2019-06-04",
        "",
    )


def test_only_collected_static_files_are_served(production_site):
    hidden = (
        "/.git/config", "/static/", "/static/samsvar/", "/static/../samsvar.sqlite3", "/static/%2e%2e/samsvar.sqlite3",
        "/samsvar.sqlite3", "/data/documents/", "/media/", "/.env", "/admin/", "/metrics", "/health",
    )  # fmt: skip
    (style, *answers) = send_requests(production_site, {"path": "{css}"}, *({"path": path} for path in hidden))
    assert style["status"] == 200  # there are static files to serve
    assert (production_site.data / "samsvar.sqlite3").is_file()  # and a file to hide
    assert [(path, answer["status"]) for path, answer in zip(hidden, answers, strict=True)] == [
        (path, 404) for path in hidden
    ]


def test_production_settings_do_not_include_the_demonstration(production_site):
    done = production_site.run(
        "-c", SETTINGS_SCRIPT, said=json.dumps(["INSTALLED_APPS", "SAMSVAR_DEMO", "SAMSVAR_DEMO_EDITOR"])
    )
    said = json.loads(done.stdout)
    assert (said["SAMSVAR_DEMO"], said["SAMSVAR_DEMO_EDITOR"]) == (False, None)
    assert "samsvar.site.demo" not in said["INSTALLED_APPS"]
    assert "django.contrib.admin" not in said["INSTALLED_APPS"]


def test_a_new_production_site_has_no_accounts(production_site):
    said = "from django.contrib.auth import get_user_model as model; print(model().objects.count())"
    done = production_site.run("-c", f"import django; django.setup(); {said}")
    assert (done.stdout.strip(), done.stderr) == ("0", "")


def test_the_server_rejects_requests_with_an_ambiguous_length(production_site):
    """If proxy and server disagree on where a request ends, another can hide in it (request smuggling)."""
    path = production_site.folder / "socket"
    command = ["-m", "gunicorn", "samsvar.site.wsgi:application", "--bind", f"unix:{path}", "--no-control-socket"]
    server = subprocess.Popen(
        [
            sys.executable,
            *command,
            "--worker-class",
            "samsvar.site.shell.web_worker.BufferingThreadWorker",
            "--threads",
            "2",
        ],
        cwd=production_site.folder,
        env=production_site.environment,
        stderr=subprocess.DEVNULL,
    )

    def status(*lines: str, body: str) -> int:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(30)
            asking.connect(str(path))
            head = ["POST /en/search/ HTTP/1.1", "Host: samsvar.example", "X-Forwarded-Proto: https", *lines]
            asking.sendall(("\r\n".join(head) + "\r\n\r\n" + body).encode())
            return int(asking.recv(64).split()[1])

    try:
        deadline = time.monotonic() + 60
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert status("Content-Length: 2", body="ab") in {403, 405}  # read completely, and rejected by the site itself
        assert status("Content-Length: 6", "Transfer-Encoding: chunked", body="0\r\n\r\nX") == 400
        assert status("Content-Length: 1", "Content-Length: 2", body="ab") == 400
        assert status("Content-Length : 2", body="ab") == 400
        assert status("Transfer-Encoding: xchunked", body="0\r\n\r\n") in {400, 501}
    finally:
        server.terminate()
        server.wait(30)
