"""Tests of the translation tool: it finds messages in code and templates, and reports faulty translations."""

from __future__ import annotations

import io

import pytest
from babel.messages.pofile import read_po

from tools import messages

TEMPLATE = """{% load i18n %}<main>
    <h1>{% translate "Leave this site" %}</h1>
  {% blocktranslate count n=findings %}One finding{% plural %}{{ n }} findings{% endblocktranslate %}
      <a title="{% translate 'it"s open' %}">{{ _("Open") }}</a>  ((( {% translate "May" context "month" %}
"""
CODE = 'title = _("Norwegian Bokmål")\nwords = ngettext("%(n)s year", "%(n)s years", n)\n'


def collect_example():
    return messages.extract_messages([("page.html", messages.as_python(TEMPLATE, "page.html")), ("words.py", CODE)])


def test_messages_are_found_in_templates_and_code():
    said = [(message.context, message.id) for message in collect_example() if message.id]
    assert said == [
        (None, "Leave this site"),
        (None, ("One finding", "%(n)s findings")),
        (None, 'it"s open'),
        (None, "Open"),
        ("month", "May"),
        (None, "Norwegian Bokmål"),
        (None, ("%(n)s year", "%(n)s years")),
    ]


COMPLETE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Leave this site"
msgstr "Forlat nettstedet"

msgid "One finding"
msgid_plural "%(n)s findings"
msgstr[0] "Ett funn"
msgstr[1] "%(n)s funn"

msgid "it\\"s open"
msgstr "det er åpent"

msgid "Open"
msgstr "Åpne"

msgctxt "month"
msgid "May"
msgstr "mai"

msgid "Norwegian Bokmål"
msgstr "Norsk bokmål"

msgid "%(n)s year"
msgid_plural "%(n)s years"
msgstr[0] "%(n)s år"
msgstr[1] "%(n)s år"
"""


def faults_of(catalogue):
    have = read_po(io.BytesIO(catalogue.encode()), locale="nb")
    return list(messages.find_problems("nb", collect_example(), have))


def test_a_complete_language_has_no_faults():
    assert faults_of(COMPLETE) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"Forlat nettstedet"', '""', "nb: not translated: 'Leave this site' (page.html)"),
        ('msgid "Open"\n', '#, fuzzy\nmsgid "Open"\n', "nb: not translated: 'Open' (page.html)"),
        ('msgstr[1] "%(n)s år"', 'msgstr[1] ""', "nb: not translated: '%(n)s year' (words.py)"),
        ('msgstr[1] "%(n)s år"', 'msgstr[1] "mange år"',
         "nb: 'mange år' does not carry over what stands in '%(n)s year'"),
        ('"Åpne"', '"<b>Åpne</b>"', "nb: '<b>Åpne</b>' does not carry over what stands in 'Open'"),
        ('msgid "Open"\n', 'msgid "Opened"\n', "nb: not translated: 'Open' (page.html)"),
    ],
)  # fmt: skip
def test_a_missing_or_damaged_translation_is_reported(before, after, fault):
    assert fault in faults_of(COMPLETE.replace(before, after))


def test_an_unused_translation_is_reported():
    extra = COMPLETE + '\nmsgid "Gone"\nmsgstr "Borte"\n'
    assert faults_of(extra) == ["nb: no longer said: 'Gone' (make messages takes it out)"]


def test_french_punctuation_without_a_no_break_space_is_reported():
    have = read_po(io.BytesIO(COMPLETE.replace('"Åpne"', '"Ouvrir : « ici »"').encode()), locale="fr")
    assert (
        "fr: 'Ouvrir : « ici »' needs no-break spaces (make messages sets them)"
        in list(messages.find_problems("fr", collect_example(), have))
    )  # fmt: skip


def test_french_spaces_are_set_but_an_address_stays_as_it_is():
    assert messages.set_french_spaces("Source : « oui » ; http://example.org") == (
        "Source\u00a0: «\u00a0oui\u00a0»\u00a0; http://example.org"
    )
