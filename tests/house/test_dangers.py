"""Tests of dangerous constructs that our code avoids or limits, as docs/explanation/security.md states."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from samsvar.errors import ReaderCrashed
from samsvar.monitoring import sandbox as guarded
from samsvar.spans import Span

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/samsvar"
SITE = PACKAGE / "site"

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted(path for path in SITE.rglob("templates/**/*") if path.is_file())
SCRIPTS = sorted(path for path in SITE.glob("*/static/**/*.js") if "vendor" not in path.parts)


def dotted_name(node: ast.expr) -> str:
    """Return `a.b.c` for a dotted name, `.method` for an attribute of any other expression, else ""."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name) if before := dotted_name(value):
            return f"{before}.{name}"
    return f".{node.attr}" if isinstance(node, ast.Attribute) else ""


@cache  # several tests search the same modules
def names_used(code: str) -> list[tuple[int, str]]:
    """Return every name that a module calls or imports, with its line; `.method` if the object is computed."""
    return list(_walk_names(code))


def _walk_names(code: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node.lineno, f"{module}.{name.name}") for name in names)
            case ast.Call(func=function):
                yield node.lineno, dotted_name(function)
                if any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in node.keywords):
                    yield node.lineno, "shell="


def matches_any(name: str, dangers: tuple[str, ...]) -> bool:
    """Return whether a name is a danger or below one; a danger that starts with a dot is a method of any object."""
    return any(
        name.endswith(danger) if danger.startswith(".") else name == danger or name.startswith(f"{danger}.")
        for danger in dangers
    )


def uses_of(dangers: tuple[str, ...], allowed: tuple[str, ...] = ()) -> list[str]:
    """Return where our code uses one of these names, outside the files that may."""
    return [
        f"{path.relative_to(PACKAGE).as_posix()}:{line}: {name}"
        for path in MODULES
        if not any(path.relative_to(PACKAGE).as_posix().startswith(one) for one in allowed)
        for line, name in names_used(path.read_text(encoding="utf-8"))
        if matches_any(name, dangers)
    ]


CODE_FROM_TEXT = (
    "eval", "exec", "compile", "__import__", "pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "yaml",
    "runpy", "codeop", "shell=", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pty",
)  # fmt: skip


# The sandboxed reader answers in pickles, from which the parent process builds only the values of a reading.
MAY_PICKLE = ("monitoring/sandbox.py",)


def test_no_text_is_ever_run_as_code():
    assert uses_of(CODE_FROM_TEXT, allowed=MAY_PICKLE) == []
    assert {place.rsplit(" ", 1)[1] for place in uses_of(CODE_FROM_TEXT)} <= {
        "pickle", "pickle.Unpickler", "pickle.dumps", "pickle.loads"
    }  # fmt: skip


def test_the_sandbox_unpickles_only_the_classes_of_a_reading():
    assert guarded._AnswerUnpickler(io.BytesIO(pickle.dumps(("ok", Span(0, 1))))).load() == ("ok", Span(0, 1))
    for hostile in (os.system, Path, subprocess.Popen, eval):
        with pytest.raises(ReaderCrashed):
            guarded._AnswerUnpickler(io.BytesIO(pickle.dumps(("ok", hostile)))).load()


TEMPLATES_FROM_TEXT = ("django.template.Template", "django.template.base.Template", ".from_string", "jinja2", "mako")


def test_templates_are_never_built_from_text():
    assert uses_of(TEMPLATES_FROM_TEXT) == []


# Interface texts with a placeholder for a number: ours, or translations whose placeholders are checked.
MAY_FORMAT = ("site/shell/html_fragments.py",)


def test_visitor_text_is_never_used_as_a_format_string():
    """f-strings are always ours; `.format` would accept any text and read the attributes it names."""
    assert uses_of((".format", ".format_map", "string.Formatter", "string.Template"), allowed=MAY_FORMAT) == []


# Modules that build markup by hand; each of them escapes external text, and its tests try to break that.
MAY_BUILD_MARKUP = (
    "site/shell/html_fragments.py", "site/pages/matrix.py", "site/meetings/templatetags/programme.py",
    "site/implementation/measures/matrix.py", "site/implementation/templatetags/measures.py",
)  # fmt: skip


def test_only_the_modules_that_build_markup_mark_it_as_safe():
    trusting = ("mark_safe", "SafeString", "django.utils.safestring", ".__html__")
    assert {place.split(":")[0] for place in uses_of(trusting)} <= set(MAY_BUILD_MARKUP)
    assert uses_of(trusting, allowed=MAY_BUILD_MARKUP) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_template_never_turns_off_escaping(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    unescaped = r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off|\{%\s*debug\b"
    if path.suffix == ".txt":  # the text of an email, which no browser reads as markup
        unescaped = r"\|\s*(?:safe|safeseq)\b"
    assert re.findall(unescaped, text) == []


# The request by which a mail program ends emails (RFC 8058) has no cookie and no form; its address has a secret.
MAY_SKIP_FORM_TOKENS = ("site/shell/one_click.py",)


def test_no_view_is_exempt_from_csrf_protection():
    exempting = ("csrf_exempt", "django.views.decorators.csrf.csrf_exempt", "requires_csrf_token")
    assert uses_of(exempting, allowed=MAY_SKIP_FORM_TOKENS) == []
    exempted = {view.partition(":")[0] for view in uses_of(("samsvar.site.shell.one_click.accept_one_click",))}
    assert exempted == {
        "site/following/views.py", "site/implementation/asks/views/link.py", "site/implementation/digest/views.py",
    }  # fmt: skip


# Raw SQL is used for the triggers and the change number, and to make SQLite overwrite erased data, never with text
# from a visitor; everything else goes through Django's queries. Compiled queries were written by Django, and their
# values are passed as parameters. A rate limit decides and counts in one statement, which Django cannot write, like the
# cache in the database; the check of the database only opens it.
MAY_USE_RAW_SQL = (
    "site/audit/",
    "site/network/privacy/actions/privacy.py",
    "site/network/privacy/actions/retention.py",
    "site/shell/compiled_queries.py",
    "site/shell/json_cache.py",
    "site/shell/limits.py",
    "site/shell/storage_faults.py",
)


def test_raw_sql_is_limited_to_the_audit_log_erasure_and_compiled_queries():
    raw = (".cursor", ".extra", ".objects.raw", "RawSQL", "django.db.models.expressions.RawSQL", ".executescript")
    assert uses_of(raw, allowed=MAY_USE_RAW_SQL) == []
    assert uses_of(raw) != []


def test_secrets_come_from_the_systems_secure_random_source():
    assert uses_of(("random", "numpy.random", "uuid.uuid1", "uuid.uuid3")) == []
    assert uses_of(("secrets",)) != []


# SHA-1 once, because the list of leaked passwords uses it. MD5 never.
MAY_USE_SHA1 = ("site/network/accounts/passwords.py",)


def test_only_approved_hash_functions_are_used():
    assert uses_of(("hashlib.md5", "hashlib.sha1", "hashlib.new", "Crypto", "crypt"), allowed=MAY_USE_SHA1) == []
    used = {place.rsplit(" ", 1)[1] for place in uses_of(("hashlib",))} - {"hashlib"}
    # scrypt: for recovery codes, which a person types in and an attacker might guess
    assert used <= {"hashlib.sha256", "hashlib.blake2b", "hashlib.scrypt"} | {"hashlib.sha1" for _ in MAY_USE_SHA1}
    assert "hashlib.sha256" in used


# Modules that can connect to another machine, and who uses them: the demonstration checks that its own server is up,
# uploads go to the operator's virus scanner, and two commands fetch public documents. (Django handles the database and
# email, allauth the identity provider.)
NETWORK_MODULES = (
    "socket", "http.client", "urllib.request", "requests", "httpx", "aiohttp", "smtplib", "ftplib", "imaplib",
    "telnetlib", "xmlrpc", "ldap", "ldap3",
)  # fmt: skip
MAY_USE_NETWORK = (
    "site/demo/management/commands/demo.py", "site/shell/antivirus.py", "site/network/accounts/oidc.py",
    "interchange/fetching.py",
)  # fmt: skip
MAY_FETCH = (
    "site/monitoring/management/commands/", "site/convention/management/commands/", "cli/", "interchange/",
)  # fmt: skip


def test_only_the_listed_modules_use_the_network():
    assert uses_of(NETWORK_MODULES, allowed=MAY_USE_NETWORK) == []
    assert uses_of(NETWORK_MODULES) != []


def test_no_page_fetches_a_document():
    """The commands of the operator and of the command line do; no view, task or action does."""
    fetching = ("samsvar.interchange.fetching", "samsvar.interchange.hudoc_harvest.Harvest")
    assert uses_of(fetching, allowed=MAY_FETCH) == []
    assert uses_of(fetching) != []


def test_xml_is_parsed_without_entities_or_network_access():
    readers = [
        (path.relative_to(PACKAGE).as_posix(), node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and dotted_name(node.func).rpartition(".")[2] in {"XMLParser", "iterparse"}
    ]
    assert readers
    for where, call in readers:
        said = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert {name: said.get(name) for name in ("resolve_entities", "no_network")} == {
            "resolve_entities": "False",
            "no_network": "True",
        }, where
    assert uses_of(("xml.dom", "xml.sax", "xmltodict", ".XPath", "lxml.objectify")) == []
    for path in MODULES:  # the standard library's XML tree may write a feed but never read one
        names = [name for _line, name in names_used(path.read_text(encoding="utf-8"))]
        if any(name.startswith("xml.etree") for name in names):
            reading = (".fromstring", ".parse", ".XML", ".iterparse", ".XMLPullParser", ".fromstringlist")
            assert [name for name in names if name.endswith(reading)] == [], path


DANGEROUS_SCRIPT_PATTERNS = {
    "markup from text": r"\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write|createContextualFragment",
    "code from text": r"\beval\s*\(|new\s+Function\b|set(?:Timeout|Interval)\s*\(\s*[\"'`]",
    "messages of other windows": r"postMessage|addEventListener\(\s*[\"']message",
    "what stays in the browser": r"localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\b|serviceWorker",
    "everybody's prototype": r"__proto__|Object\.assign\(\s*Object\.prototype|\.prototype\s*\[",
    "a plug-in": r"ActiveX|<applet|application/x-shockwave-flash",
}


# A check-in device stores names for some hours, because it may be offline: docs/explanation/security.md.
MAY_STORE_DATA = {"check-in.js", "check-in-store.js", "check-in-worker.js"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_script_builds_no_markup_runs_no_text_and_stores_nothing(path):
    text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    found = {what for what, pattern in DANGEROUS_SCRIPT_PATTERNS.items() if re.search(pattern, text)}
    assert found == ({"what stays in the browser"} if path.name in MAY_STORE_DATA else set())


# Every script of the site: eight of ours, htmx, and three of allauth's for passkeys.
KNOWN_SCRIPTS = {
    "samsvar/check-in.js",
    "samsvar/drafts.js",
    "samsvar/forget.js",
    "samsvar/leave.js",
    "samsvar/map.js",
    "samsvar/now.js",
    "samsvar/shortcuts.js",
    "samsvar/triage.js",
    "django_htmx/htmx-2.min.js",
    "mfa/js/webauthn-json.js",
    "mfa/js/webauthn.js",
    "account/js/onload.js",
}


def test_pages_load_only_the_known_scripts():
    pages = [path.read_text(encoding="utf-8") for path in TEMPLATES if path.suffix == ".html"]
    assert {
        name for page in pages for name in re.findall(r"<script[^>]*\bsrc=\"\{% static '([^']+)'", page)
    } == KNOWN_SCRIPTS
    assert [page for page in pages if re.search(r"<script[^>]*\bsrc=\"(?!\{% static ')", page)] == []


def test_htmx_has_eval_history_and_cross_site_requests_disabled():
    pages = [text for path in TEMPLATES if "htmx-2" in (text := path.read_text(encoding="utf-8"))]
    assert pages
    for page in pages:
        found = re.search(r"name=\"htmx-config\"\s+content='([^']+)'", page)
        assert found, "htmx without its settings"
        said = json.loads(found[1])
        assert {name: said[name] for name in ("allowEval", "historyCacheSize", "selfRequestsOnly")} == {
            "allowEval": False,
            "historyCacheSize": 0,
            "selfRequestsOnly": True,
        }


@pytest.mark.parametrize(
    ("code", "danger"),
    [
        ("eval(text)", "eval"),
        ("subprocess.run(line, shell=True)", "shell="),
        ("from django.views.decorators.csrf import csrf_exempt", "django.views.decorators.csrf.csrf_exempt"),
        ("connection().cursor()", ".cursor"),
        ("hashlib.md5(name)", "hashlib.md5"),
        ("import pickle", "pickle"),
        ("urllib.request.urlopen(address)", "urllib.request"),
    ],
)
def test_the_search_finds_each_kind_of_danger(code, danger):
    assert any(matches_any(name, (danger,)) for _line, name in names_used(code))
