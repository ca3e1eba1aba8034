"""The frame of every page: languages, labels, sign-in, sign-out and quick exit, and what the page may load."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from samsvar.convention.status import EventKind, ReservationStage
from samsvar.convention.treaty import Pillar, Violence
from samsvar.monitoring.report import Strength
from samsvar.search.query import LabelName, parse_label_values
from samsvar.site.convention.actions import load_convention
from samsvar.site.implementation.desk.queries import TriageFilters
from samsvar.site.monitoring.models import Finding
from samsvar.site.monitoring.queries import FindingFilters
from samsvar.site.monitoring.review.queries import SampleFilters
from samsvar.site.pages.queries.shared import FindingCard
from samsvar.site.search.params import FILTER_NAMES
from samsvar.site.shell import html_fragments as drawing
from samsvar.site.shell import labels as words
from samsvar.site.shell.context import page_context
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import TerritoryKind


def render(source: str, **context: object) -> str:
    request = RequestFactory().get("/en/search/?q=help+line&page=2")
    return Template("{% load samsvar %}" + source).render(Context({"request": request, **context}))


# --- Labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (words.STRENGTHS, [*Strength, ""]),
        (words.STRENGTH_LETTERS, [*Strength, ""]),
        (words.EVENTS, EventKind),
        (words.STAGES, ReservationStage),
        (words.PILLARS, Pillar),
        (words.FORMS, Violence),
        (words.STATE_GROUPS, TerritoryKind),
        (words.REVIEWS, Finding.Review.values),
    ],
)
def test_every_fixed_value_of_the_library_has_a_label(table, values):
    assert set(map(str, values)) - set(table) == set()


def test_a_value_of_an_enumeration_and_plain_text_with_its_vocabulary_have_the_same_label():
    source = "{{ member|label }} {{ member.value|label:'EventKind' }} {{ missing|label }}"
    with translation.override("nb"):
        assert render(source, member=EventKind.SIGNATURE, missing=None) == "undertegning undertegning "


def test_choices_are_in_the_language_of_the_reader():
    assert enum_choices([Pillar.PREVENTION]) == (("prevention", "prevention"),)
    with translation.override("fr"):
        assert enum_choices([Pillar.PREVENTION]) == (("prevention", "prévention"),)


def test_a_post_button_is_a_form_with_its_token_address_and_values():
    source = "{% post_button 'network:end-session' 3 variant='tertiary' label=name which=name %}End{% endpost_button %}"
    text = re.sub(r"\s*\n\s*", "", render(source, name="<b>", csrf_token="secret"))
    assert text == (
        '<form method="post" action="/en/account/sessions/3/end/">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="secret">'
        '<input type="hidden" name="which" value="&lt;b&gt;">'
        '<button class="ds-button" data-variant="tertiary" aria-label="&lt;b&gt;">End</button></form>'
    )


class QuestionForm(forms.Form):
    question = forms.CharField()


def test_a_post_form_has_its_token_address_hidden_values_fields_help_and_button():
    source = (
        "{% post_form 'network:end-session' 3 form=other css_class='upload' anchor='new' help_text=name which=name"
        " variant='secondary' button_name='ask' %}Ask{% endpost_form %}"
    )
    text = re.sub(r"\s*\n\s*", "", render(source, other=QuestionForm(), name="<b>", csrf_token="secret"))
    assert text.startswith(
        '<form class="stack upload" method="post" action="/en/account/sessions/3/end/#new">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="secret">'
        '<input type="hidden" name="which" value="&lt;b&gt;"><div class="field"><label for="id_question">'
    )
    assert text.endswith(
        '<p class="helptext">&lt;b&gt;</p><div><button class="ds-button" data-variant="secondary" name="ask" value="1">'
        "Ask</button></div></form>"
    )


def test_a_post_form_without_arguments_shows_the_form_of_the_page_with_its_errors():
    text = render("{% post_form %}Ask{% endpost_form %}", form=QuestionForm({}), csrf_token="secret")
    assert '<form class="stack" method="post">' in text
    assert 'class="errorlist"' in text


class TwoQuestionsForm(QuestionForm):
    other = forms.ChoiceField(choices=[("1", "One")], widget=forms.RadioSelect)

    def clean(self):
        raise forms.ValidationError("The questions contradict each other.")


def test_the_summary_lists_all_errors_with_links_to_fields_that_exist():
    text = render("{% post_form %}Ask{% endpost_form %}", form=TwoQuestionsForm({}), csrf_token="secret")
    summary = text.partition('role="alert"')[2].partition("</div>")[0]
    assert "There are 3 problems." in summary
    assert "The questions contradict each other." in summary
    assert 'tabindex="-1" autofocus' in summary
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_question", "id_other_0"]
    assert all(f'id="{target}"' in text for target in targets)


@pytest.mark.django_db
def test_the_title_of_a_page_with_an_error_says_so_first(client):
    address = reverse("account_login")
    page = client.post(address, {}).content.decode()
    assert re.search(r"<title>\s*Error: ", page)
    assert not re.search(r"<title>\s*Error: ", client.get(address).content.decode())


def test_breadcrumbs_and_empty_notices_are_in_the_language_of_the_reader():
    with translation.override("nb"):
        text = render(
            '{% breadcrumbs %}<li>Her</li>{% endbreadcrumbs %}{% empty_notice _("No networks yet.") advice %}'
        )
        label, message = translation.gettext("Breadcrumb"), translation.gettext("No networks yet.")
    assert message != "No networks yet."
    assert f'aria-label="{label}"><ol><li>Her</li></ol></nav>' in text
    assert f"<p><strong>{message}</strong></p>" in text


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
@pytest.mark.parametrize("letters", [words.STRENGTH_LETTERS, words.STATUS_LETTERS], ids=["strength", "status"])
def test_no_two_letters_of_a_legend_are_the_same_in_any_language(language, letters):
    with translation.override(language):
        said = [str(letter) for letter in letters.values()]
    assert sorted(said) == sorted(set(said))
    assert all(len(letter) == 1 for letter in said)


@pytest.mark.parametrize(
    ("language", "iso", "written"),
    [
        ("en", "2019-06-04", "4 June 2019"),
        ("fr", "2019-06-04", "4 juin 2019"),
        ("nb", "2019-06", "juni 2019"),
        ("ro", "2019", "2019"),
        ("en", "", ""),
        ("en", "spring 2019", "spring 2019"),
    ],
)
def test_dates_are_shown_as_precisely_as_they_are_known(language, iso, written):
    with translation.override(language):
        assert render("{{ day|day }}", day=iso) == written


@pytest.mark.parametrize(
    ("language", "day", "month", "year"),
    [
        ("en", "on 1 August 2023", "in August 2023", "in 2023"),
        ("fr", "le 1er août 2023", "en août 2023", "en 2023"),
        ("nb", "1. august 2023", "i august 2023", "i 2023"),
        ("ro", "la 1 august 2023", "în august 2023", "în 2023"),
    ],
)
def test_dates_inside_a_sentence_follow_the_grammar_of_each_language(language, day, month, year):
    with translation.override(language):
        said = [
            render("{{ day|date_in_sentence }}", day=iso)
            for iso in ("2023-08-01", "2023-08", "2023", "", "spring 2023")
        ]
    assert said == [day, month, year, "", "spring 2023"]


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "<b>Norway:</b> signature; Oslo"),
        ("fr", "<b>Norvège\u00a0:</b> signature\u00a0; Oslo"),
        ("nb", "<b>Norge:</b> undertegning; Oslo"),
        ("ro", "<b>Norvegia:</b> semnare; Oslo"),
    ],
)
def test_colons_and_semicolons_follow_the_typography_of_each_language(language, written):
    with translation.override(language):
        said = render("<b>{{ 'NO'|state_name }}{% colon %}</b> {{ 'signature'|label:'EventKind' }}{% semicolon %} Oslo")
    assert said == written


# After a variable of a template, these are part of the translated sentence, or {% colon %} and {% semicolon %}.
BARE_PUNCTUATION = re.compile(r"[%}]\}(?:</\w+>)* ?[:;](?=[\s<]|\{%)")
TRANSLATED_BLOCK = re.compile(r"\{% blocktranslate.*?\{% endblocktranslate %\}", re.DOTALL)
AS_STORED = {"network/privacy/audit_log.html"}  # details in the audit log: keys and values as they are stored


def test_no_template_has_a_bare_colon_or_semicolon_after_a_variable():
    site = Path(words.__file__).parents[1]
    found = {
        name: bare
        for path in sorted(site.rglob("templates/**/*.html"))
        if (name := path.relative_to(site).as_posix().split("templates/")[1]) not in AS_STORED
        if (bare := BARE_PUNCTUATION.findall(TRANSLATED_BLOCK.sub("{% sentence %}", path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize("language", ["en", "fr", "nb", "ro"])
@pytest.mark.parametrize("strength", [*Strength])
def test_search_accepts_a_strength_by_its_label_in_each_language(language, strength):
    with translation.override(language):
        written = str(words.STRENGTHS[strength])
    assert parse_label_values(LabelName.STRENGTH, written) == (strength,)


def test_states_are_named_in_the_readers_language():
    with translation.override("nb"):
        assert render("{{ 'DE'|state_name }} {{ 'QQ'|state_name }}") == "Tyskland QQ"


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://rm.coe.int/x", "https://rm.coe.int/x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//elsewhere", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_become_links(link, kept):
    assert render("{{ link|web_link }}", link=link) == kept


def test_a_link_keeps_the_other_query_parameters_of_the_page():
    assert render("{% with_query page=3 %}") == "?q=help+line&amp;page=3"
    assert render("{% with_query page=None %}") == "?q=help+line"
    assert render("{% with_query page='' q='' %}") == "/en/search/"


# --- Cards ------------------------------------------------------------------------------------------------------------


@given(st.text(), st.text(max_size=24), st.sampled_from([*(str(one) for one in Strength), "", "unheard_of"]))
def test_a_card_escapes_any_text_of_a_report(text, paragraph, strength):
    card = FindingCard((1,), "abc", 1, "XA", (7,), strength, f"GREVIO § {paragraph}", text, "en", "machine")
    html = drawing.render_finding_card(card, show_state=True, show_articles=True)
    tags = set(re.findall(r"<(\w+)", html))
    assert tags <= {"article", "span", "div", "p", "a", "b", "blockquote"}
    assert html.count("<blockquote") == 1


# --- Frame ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "language", "same"),
    [
        ("/en/map/?on=2019-06-04", "fr", "/fr/map/?on=2019-06-04"),
        ("/nb/countries/NO/", "ro", "/ro/countries/NO/"),
        ("/nothing", "nb", "/nb/"),
        ("/en/", "fr", "/fr/"),
    ],
)
def test_the_language_switch_leads_to_the_same_page(path, language, same):
    with translation.override(path[1:3] if path[3:4] == "/" else "en"):
        context = page_context(RequestFactory().get(path))
    assert next(page.href for page in context["same_page"] if page.language == language) == same


def test_search_engines_get_one_address_for_each_page_and_language(client: Client, db):
    html = client.get("/fr/map/", {"on": "2019-06-04"}).content.decode()
    assert re.findall(r'rel="canonical"\s+href="([^"]+)"', html) == ["http://testserver/fr/map/"]
    assert re.findall(r'rel="alternate"\s+hreflang="(\w+)"\s+href="([^"]+)"', html) == [
        (code, f"http://testserver/{code}/map/") for code, _name in settings.LANGUAGES
    ]


def test_the_quick_exit_link_sends_no_referrer(client: Client, db):
    html = client.get("/en/").content.decode()
    link = re.search(r"<a class=\"leave\"[^>]*>", html)
    assert link is not None
    assert f'href="{settings.SAMSVAR_QUICK_EXIT}"' in link[0]
    assert 'rel="noreferrer noopener nofollow"' in link[0]
    assert client.get("/en/").headers["Referrer-Policy"] in {"no-referrer", "same-origin"}


@pytest.mark.parametrize("address", ["/en/", "/en/map/", "/en/matrix/", "/en/articles/7/", "/en/nothing/"])
def test_a_page_loads_nothing_from_another_host(client: Client, db, address):
    html = client.get(address).content.decode()
    loaded = re.findall(r'<(?:script|img|source)[^>]*src="([^"]+)"', html)
    loaded += re.findall(r'<link[^>]*rel="(?:stylesheet|icon|manifest|preload)"[^>]*href="([^"]+)"', html)
    assert loaded
    assert [source for source in loaded if not source.startswith("/static/")] == []
    assert " style=" not in html


def test_the_content_security_policy_allows_no_inline_or_external_content(client: Client, db):
    policy = client.get("/en/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("host", ["a b<script>", "elsewhere.example"])
def test_a_request_for_another_host_is_refused_as_a_bad_request(client: Client, settings, host):
    settings.ALLOWED_HOSTS = ["samsvar.example"]
    answer = client.get("/en/map/", headers={"host": host})
    assert (answer.status_code, host in answer.text) == (400, False)


def test_an_article_has_one_address(client: Client, db):
    answer = client.get("/en/articles/007/")
    assert (answer.status_code, answer["Location"]) == (301, "/en/articles/7/")


def test_the_error_page_needs_no_database_and_no_context():
    html = Template("{% include '500.html' %}").render(Context())
    assert "Something broke on our side" in html
    for name in ("400", "500", "503"):  # no part of a page is outside the landmarks that screen readers jump to
        assert Template(f"{{% include '{name}.html' %}}").render(Context()).count("<main>") == 1


# --- Filters of lists -------------------------------------------------------------------------------------------------


def test_a_filter_form_names_what_it_does_not_offer_and_nothing_else():
    def error_of(also: tuple[str, ...] = ("page",), **values: object):
        return build_filter_form(values, "f", also=also, kind=("Kind", None, [("a", "A"), (2, "B")])).error

    assert [error_of(), error_of(kind="a", page="7"), error_of(kind="2"), error_of(kind="", other="")] == [None] * 4
    assert error_of(also=("view",), view="board") is None
    assert error_of(kind="c", country="XA") == (
        "This page has no filter called “country”, so nothing is filtered by it. There is no filter option called “c”.",
        "The other filters were kept.",
        "Choose from the lists below.",
    )


@pytest.mark.parametrize("path", ["meetings/", "organisations/", "meetings/commitments/", "evidence/states/XA/"])
def test_a_list_names_a_filter_or_value_that_it_does_not_have(db, client, path):
    load_convention()
    page = client.get(f"/en/{path}?nation=XA&page=1").content.decode()
    assert page.count("This page has no filter called “nation”") == 1
    name = "kind" if path in {"meetings/", "organisations/"} else "side" if "evidence" in path else "keeping"
    assert client.get(f"/en/{path}?{name}=bogus").content.decode().count("no filter option called “bogus”") == 1
    assert "no filter" not in client.get(f"/en/{path}?page=1").content.decode()


def test_the_lists_of_findings_and_the_search_use_the_same_names():
    search = {str(name) for name in FILTER_NAMES}
    assert set(FindingFilters.__slots__) - search == {"status"}
    assert set(SampleFilters.__slots__) - search == {"report", "procedure"}
    assert {one.name for one in fields(TriageFilters)} - search == {"show"}
