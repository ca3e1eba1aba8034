"""Template filters and tags for labels, names and dates in the reader's language: `{% load samsvar %}`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from samsvar import dates, territories
from samsvar.convention.treaty import ISTANBUL
from samsvar.site.shell import html_fragments, labels
from samsvar.site.shell.form_pages import UNDO_TAG

register = template.Library()


def _current_language() -> str:
    return get_language() or "en"


@register.filter
def error_count(form: BaseForm) -> int:
    """Return the number of errors of a form, of its fields and of the whole."""
    return sum(len(errors) for errors in form.errors.values())


@register.filter
def state_name(code: str | None) -> str:
    """Return the name of a state in the reader's language, or an empty string for None."""
    return territories.territory_name(code, _current_language()) if code else ""


@register.filter
def day(iso: Any) -> str:
    """Format a day, month or year in the reader's language: "2019-06-04" → "4 June 2019".

    Return an empty string for an empty value.
    """
    if not iso:
        return ""
    try:
        partial_date = dates.parse_partial_date(str(iso))
    except dates.UnreadableDate:
        return str(iso)  # show what the source wrote rather than nothing
    return partial_date.to_text(_current_language()) if partial_date else ""


@register.filter
def date_in_sentence(iso: Any) -> str:
    """Format a day, month or year for use in a sentence: "on 4 June 2019", "in June 2019", "en 2019"."""
    try:
        partial_date = dates.parse_partial_date(str(iso or ""))
    except dates.UnreadableDate:
        return str(iso)
    return (
        str(labels.DATES_IN_SENTENCE[partial_date.precision]) % {"date": partial_date.to_text(_current_language())}
        if partial_date
        else ""
    )


@register.simple_tag
def colon() -> labels.Label:
    """Return a colon with the spacing of the reader's language: `{{ state }}{% colon %} {{ event }}`."""
    return labels.COLON


@register.simple_tag
def semicolon() -> labels.Label:
    """Return a semicolon with the spacing of the reader's language."""
    return labels.SEMICOLON


@register.filter
def article_title(number: Any) -> str:
    """Return the title of an article in the reader's language."""
    return ISTANBUL[str(number)].title(_current_language()) if str(number) in ISTANBUL else ""


@register.filter
def strength_letter(strength: str | None) -> labels.Label:
    """Return the letter that represents a strength in a cell."""
    return labels.STRENGTH_LETTERS.get(strength or "", "?")


@register.filter
def status_letter(status: str) -> labels.Label:
    """Return the letter that represents a status in a small square of the map."""
    return labels.STATUS_LETTERS.get(status, "?")


@register.filter
def label(value: Any, vocabulary: str = "") -> labels.Label:
    """Return the label of a value of an enumeration: `{{ conflict.kind|label }}`.

    For a plain string, give the name of the enumeration or vocabulary: `{{ code|label:"RegistrationStatus" }}`. For a
    field of a model instance, use `{{ row.get_status_display }}`.
    """
    if not vocabulary:
        return labels.enum_label(value) if value else ""
    return labels.find_label(labels.LABELS[vocabulary], value)


@register.filter
def link_host(link: str) -> str:
    """Return the host of an external link for display: "rm.coe.int"."""
    return urlsplit(link).netloc.removeprefix("www.")


register.filter("is_fictional", territories.is_fictional)
register.filter("web_link", html_fragments.safe_web_link)
# {% report_sections group.sections %}
register.simple_tag(html_fragments.render_sections, name="report_sections")
register.simple_tag(html_fragments.render_facet_values, name="facet_values")
register.simple_tag(html_fragments.render_search_hit, name="search_hit")
# {% finding_card finding show_state=True %}
register.simple_tag(html_fragments.render_finding_card, name="finding_card")
register.filter("drawn_strength", html_fragments.render_strength)
register.filter("drawn_articles", html_fragments.render_article_numbers)
register.filter("excerpt", html_fragments.shorten_text)
register.filter("drawn_cells", html_fragments.render_article_cells)
register.filter("drawn_squares", html_fragments.render_map_squares)


@register.simple_block_tag
def breadcrumbs(content: str) -> str:
    """Render the path to this page: `{% breadcrumbs %}<li><a href="…">…</a></li><li>…</li>{% endbreadcrumbs %}`."""
    return format_html(
        '<nav class="ds-breadcrumbs crumbs" aria-label="{}"><ol>{}</ol></nav>', gettext("Breadcrumb"), content
    )


@register.filter
def undo_address(message: Message) -> str:
    """Return the address that undoes what a message reports, or an empty string."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO_TAG) if tags.startswith(UNDO_TAG) else ""


@register.inclusion_tag("samsvar/components/empty.html")
def empty_notice(message: str, advice: str = "") -> dict[str, str]:
    """Render a notice that there is nothing to show: `{% empty_notice _("No accounts match.") %}`."""
    return {"message": message, "advice": advice}


@register.simple_block_tag(takes_context=True)
def post_button(
    context: template.Context,
    content: str,
    url_name: str = "",
    *args: Any,
    variant: str = "",
    size: str = "",
    label: str = "",
    **fields: Any,
) -> str:
    """Render a form with a single button: `{% post_button "network:end-seat" slug pk %}…{% endpost_button %}`.

    It posts `fields` to the URL with this name, or to the page itself. `label` is the button's accessible name.
    """
    return render_to_string(
        "samsvar/components/post_button.html",
        {
            "action": reverse(url_name, args=args) if url_name else "",
            "content": content,
            "variant": variant,
            "size": size,
            "label": label,
            "fields": fields,
            "csrf_token": context["csrf_token"],
        },
    )


@register.simple_block_tag(takes_context=True)
def post_form(
    context: template.Context,
    content: str,
    url_name: str = "",
    *args: Any,
    form: BaseForm | None = None,
    css_class: str = "",
    anchor: str = "",
    help_text: str = "",
    variant: str = "",
    color: str = "",
    button_name: str = "",
    **hidden: Any,
) -> str:
    """Render a whole form, with its errors, fields and button: `{% post_form form=times %}Save{% endpost_form %}`.

    The content is the text of the button, and `button_name` what it posts in addition. The form is `form` of the page
    unless another is given; it is posted with the `hidden` values to the URL with this name, or to the page itself, at
    `anchor`. `help_text` is shown between the fields and the button.
    """
    url = reverse(url_name, args=args) if url_name else ""
    return render_to_string(
        "samsvar/components/post_form.html",
        {
            "form": context["form"] if form is None else form,
            "action": f"{url}#{anchor}" if anchor else url,
            "css_class": css_class,
            "help_text": help_text,
            "content": content,
            "variant": variant,
            "color": color,
            "button_name": button_name,
            "hidden": hidden,
            "csrf_token": context["csrf_token"],
        },
    )


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """Return the URL of this page with some query parameters changed; None or "" removes one."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else context["request"].path
