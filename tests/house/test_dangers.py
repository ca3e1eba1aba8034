"""What our code never does, or does in one place only: dangers of which docs/explanation/security.md says so."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from samsvar.errors import ReaderCrashed
from samsvar.monitoring import sandbox as guarded
from samsvar.spans import Span

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/samsvar"
SITE = PACKAGE / "site"

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted(path for path in SITE.glob("*/templates/**/*") if path.is_file())
SCRIPTS = sorted(path for path in SITE.glob("*/static/**/*.js") if "vendor" not in path.parts)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an expression that is a dotted name; "" of any other."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name) if before := dotted(value):
            return f"{before}.{name}"
    return f".{node.attr}" if isinstance(node, ast.Attribute) else ""


def names_in(code: str) -> Iterator[tuple[int, str]]:
    """Every name that a module calls or imports, with its line; of a method of something computed `.method`."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node.lineno, f"{module}.{name.name}") for name in names)
            case ast.Call(func=function):
                yield node.lineno, dotted(function)
                if any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in node.keywords):
                    yield node.lineno, "shell="


def is_one_of(name: str, dangers: tuple[str, ...]) -> bool:
    """A danger is a name with everything below it; one that begins with a dot is a method of whatever object."""
    return any(
        name.endswith(danger) if danger.startswith(".") else name == danger or name.startswith(f"{danger}.")
        for danger in dangers
    )


def places(dangers: tuple[str, ...], allowed: tuple[str, ...] = ()) -> list[str]:
    """Where our code uses one of these names, outside the files in which it may."""
    return [
        f"{path.relative_to(PACKAGE).as_posix()}:{line}: {name}"
        for path in MODULES
        if not any(path.relative_to(PACKAGE).as_posix().startswith(one) for one in allowed)
        for line, name in names_in(path.read_text(encoding="utf-8"))
        if is_one_of(name, dangers)
    ]


CODE_FROM_TEXT = (
    "eval", "exec", "compile", "__import__", "pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "yaml",
    "runpy", "codeop", "shell=", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pty",
)  # fmt: skip


# The reader's child process answers in pickles, of which the parent builds the values of a reading and nothing else.
PICKLES = ("monitoring/sandbox.py",)


def test_no_text_is_ever_run_as_code():
    assert places(CODE_FROM_TEXT, allowed=PICKLES) == []
    assert {place.rsplit(" ", 1)[1] for place in places(CODE_FROM_TEXT)} <= {
        "pickle", "pickle.Unpickler", "pickle.dumps", "pickle.loads"
    }  # fmt: skip


def test_an_answer_of_the_readers_child_builds_no_class_but_those_of_a_reading():
    assert guarded._Answers(io.BytesIO(pickle.dumps(("ok", Span(0, 1))))).load() == ("ok", Span(0, 1))
    for hostile in (os.system, Path, subprocess.Popen, eval):
        with pytest.raises(ReaderCrashed):
            guarded._Answers(io.BytesIO(pickle.dumps(("ok", hostile)))).load()


TEMPLATES_FROM_TEXT = ("django.template.Template", "django.template.base.Template", ".from_string", "jinja2", "mako")


def test_templates_are_files_of_ours_and_never_made_from_text():
    assert places(TEMPLATES_FROM_TEXT) == []


# Words of the interface with a place for a number in them: ours, or the translators', whose placeholders are compared.
FORMATS = ("site/shell/html_fragments.py",)


def test_no_text_of_a_visitor_is_a_format():
    """f-strings are ours by nature; `.format` would take any text for one, and read attributes that it names."""
    assert places((".format", ".format_map", "string.Formatter", "string.Template"), allowed=FORMATS) == []


# Where text is drawn into markup by hand; each of them escapes what comes from outside, and has tests that try it.
DRAWN = ("site/shell/html_fragments.py", "site/pages/matrix.py", "site/meetings/templatetags/programme.py")


def test_only_what_draws_markup_says_that_it_is_markup():
    trusting = ("mark_safe", "SafeString", "django.utils.safestring", ".__html__")
    assert {place.split(":")[0] for place in places(trusting)} <= set(DRAWN)
    assert places(trusting, allowed=DRAWN) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_template_escapes_everything(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    unescaped = r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off|\{%\s*debug\b"
    if path.suffix == ".txt":  # the text of a message, which no browser reads as markup
        unescaped = r"\|\s*(?:safe|safeseq)\b"
    assert re.findall(unescaped, text) == []


def test_every_form_is_protected_from_other_sites():
    assert places(("csrf_exempt", "django.views.decorators.csrf.csrf_exempt", "requires_csrf_token")) == []


# SQL is written by hand for the triggers and the change number, and to let SQLite write over what was erased, without
# any text of a visitor; everything else goes through Django's queries. What is prepared was written by Django, and its
# values travel as parameters.
SQL_BY_HAND = (
    "site/audit/",
    "site/network/privacy/actions/privacy.py",
    "site/network/privacy/actions/retention.py",
    "site/shell/compiled_queries.py",
)


def test_sql_is_written_by_hand_for_the_trail_and_for_forgetting_only():
    raw = (".cursor", ".extra", ".objects.raw", "RawSQL", "django.db.models.expressions.RawSQL", ".executescript")
    assert places(raw, allowed=SQL_BY_HAND) == []
    assert places(raw) != []


def test_what_nobody_may_guess_comes_from_the_systems_own_source_of_chance():
    assert places(("random", "numpy.random", "uuid.uuid1", "uuid.uuid3")) == []
    assert places(("secrets",)) != []


# SHA-1 once: the file of leaked passwords is written in it. MD5 never.
OLD_HASHES = ("site/network/accounts/passwords.py",)


def test_everything_is_hashed_with_sha_256_or_blake2():
    assert places(("hashlib.md5", "hashlib.sha1", "hashlib.new", "Crypto", "crypt"), allowed=OLD_HASHES) == []
    used = {place.rsplit(" ", 1)[1] for place in places(("hashlib",))} - {"hashlib"}
    # scrypt: what a person may type in and another might guess (codes for recovery)
    assert used <= {"hashlib.sha256", "hashlib.blake2b", "hashlib.scrypt"} | {"hashlib.sha1" for _ in OLD_HASHES}
    assert "hashlib.sha256" in used


# What can speak to another machine, and who does: the demonstration asks its own server whether it is up, and uploads
# are shown to the operator's virus scanner. (Database and mail are Django's to speak to, the provider allauth's.)
OUTWARD = (
    "socket", "http.client", "urllib.request", "requests", "httpx", "aiohttp", "smtplib", "ftplib", "imaplib",
    "telnetlib", "xmlrpc", "ldap", "ldap3",
)  # fmt: skip
SPEAKS = ("site/demo/management/commands/demo.py", "site/shell/antivirus.py", "site/network/accounts/oidc.py")


def test_nothing_of_ours_speaks_to_another_machine_but_what_is_named_here():
    assert places(OUTWARD, allowed=SPEAKS) == []
    assert places(OUTWARD) != []


def test_xml_is_read_without_entities_and_without_a_network():
    readers = [
        (path.relative_to(PACKAGE).as_posix(), node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {"XMLParser", "iterparse"}
    ]
    assert readers
    for where, call in readers:
        said = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert {name: said.get(name) for name in ("resolve_entities", "no_network")} == {
            "resolve_entities": "False",
            "no_network": "True",
        }, where
    assert places(("xml.dom", "xml.sax", "xmltodict", ".XPath", "lxml.objectify")) == []
    for path in MODULES:  # the standard library's tree writes a feed, and reads nothing
        names = [name for _line, name in names_in(path.read_text(encoding="utf-8"))]
        if any(name.startswith("xml.etree") for name in names):
            reading = (".fromstring", ".parse", ".XML", ".iterparse", ".XMLPullParser", ".fromstringlist")
            assert [name for name in names if name.endswith(reading)] == [], path


DANGERS_OF_SCRIPTS = {
    "markup from text": r"\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write|createContextualFragment",
    "code from text": r"\beval\s*\(|new\s+Function\b|set(?:Timeout|Interval)\s*\(\s*[\"'`]",
    "messages of other windows": r"postMessage|addEventListener\(\s*[\"']message",
    "what stays in the browser": r"localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\b|serviceWorker",
    "everybody's prototype": r"__proto__|Object\.assign\(\s*Object\.prototype|\.prototype\s*\[",
    "a plug-in": r"ActiveX|<applet|application/x-shockwave-flash",
}


# A device at a meeting's door keeps names for hours, because there may be no connection: docs/explanation/security.md.
KEEPING = {"check-in.js", "check-in-store.js", "check-in-worker.js"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_script_makes_no_markup_runs_no_text_and_keeps_nothing(path):
    text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    found = {what for what, pattern in DANGERS_OF_SCRIPTS.items() if re.search(pattern, text)}
    assert found == ({"what stays in the browser"} if path.name in KEEPING else set())


# Every script of the site: five of ours, htmx, and allauth's three for passkeys.
LOADED = {
    "samsvar/check-in.js",
    "samsvar/forget.js",
    "samsvar/leave.js",
    "samsvar/map.js",
    "samsvar/now.js",
    "django_htmx/htmx-2.min.js",
    "mfa/js/webauthn-json.js",
    "mfa/js/webauthn.js",
    "account/js/onload.js",
}


def test_a_page_loads_the_scripts_that_are_known_and_no_others():
    pages = [path.read_text(encoding="utf-8") for path in TEMPLATES if path.suffix == ".html"]
    assert {name for page in pages for name in re.findall(r"<script[^>]*\bsrc=\"\{% static '([^']+)'", page)} == LOADED
    assert [page for page in pages if re.search(r"<script[^>]*\bsrc=\"(?!\{% static ')", page)] == []


def test_htmx_runs_no_text_keeps_no_page_and_asks_nobody_else():
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
def test_a_danger_would_be_found(code, danger):
    assert any(is_one_of(name, (danger,)) for _line, name in names_in(code))
