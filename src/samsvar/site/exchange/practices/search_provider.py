"""Published practices in the search index, with their texts in every language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from samsvar.ids import stable_id
from samsvar.search.items import IndexGroup, SearchItem, Translation
from samsvar.site.exchange.practices.models import PracticeVersion
from samsvar.site.exchange.practices.queries.published import current_versions
from samsvar.territories import is_fictional

_FIELDS = ("problem", "solution", "for_whom", "conditions", "went_wrong", "legal_basis", "results")


class PracticeSource:
    """The published practices, one group each. Only frozen versions are read, which is what every reader sees."""

    kind = "practice"

    def fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of each published practice by its group. Runs one query."""
        versions = current_versions().values_list("practice__public_id", "number", "content_hash")
        return {f"practice/{public_id}": stable_id(str(number), digest) for public_id, number, digest in versions}

    def groups(self, fingerprints: Mapping[str, str]) -> Iterable[IndexGroup]:
        """Yield the groups with these names. Runs one query."""
        public_ids = [name.partition("/")[2] for name in fingerprints]
        for version in current_versions().filter(practice__public_id__in=public_ids):
            name = f"practice/{version.practice.public_id}"
            yield IndexGroup(name, fingerprints[name], [_build_item(version, name)])

    def get_url(self, public_id: str) -> str:
        """Return the URL of the page of a practice."""
        return reverse("exchange:practice", args=[public_id])

    def changed_at(self, public_ids: Collection[str]) -> Mapping[str, datetime]:
        """Return when the newest version of each of these practices was published. Runs one query."""
        versions = current_versions().filter(practice__public_id__in=public_ids)
        return dict(versions.values_list("practice__public_id", "published_at"))


def _build_item(version: PracticeVersion, group: str) -> SearchItem:
    content = version.content
    texts = {language: _join_text(text) for language, text in content["texts"].items()}
    original = content["language"]
    return SearchItem(
        id=group,
        group=group,
        kind="practice",
        language=original,
        title=content["texts"][original]["title"],
        text=texts[original],
        translations=tuple(
            Translation(language, content["texts"][language]["title"], text)
            for language, text in texts.items()
            if language != original
        ),
        state=content["state"] or "",
        articles=tuple(str(number) for number in content["articles"]),
        concepts=tuple(content["concepts"]),
        year=version.published_at.year,
        published=version.published_at.date().isoformat(),
        fictional=is_fictional(content["state"]),
    )


def _join_text(text: Mapping[str, Any]) -> str:
    """Return the title, the fields and the building blocks of a practice in one language."""

    def parts() -> Iterator[str]:
        yield text["title"]
        yield from (text.get(name, "") for name in _FIELDS)
        for block in text["blocks"]:
            yield block["title"]
            yield block["text"]

    return "\n".join(part for part in parts() if part)
