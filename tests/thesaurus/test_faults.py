"""The linter of the thesaurus: our data have no fault, and each kind of fault is named with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from samsvar.convention.treaty import ISTANBUL
from samsvar.thesaurus.concepts import THESAURUS_LANGUAGES
from samsvar.thesaurus.faults import find_faults

ARTICLES = ("22", "23", "24")
LABELS = {
    "en": "services,services,\nshelters,shelters,refuges\nhelplines,helplines,\n",
    "bg": "shelters,убежища,\n",
}
OTHER_LABELS = "services,abc,\nshelters,def,\nhelplines,ghi,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete small thesaurus without a fault."""
    (tmp_path / "labels").mkdir()
    write(
        tmp_path,
        "concepts.csv",
        "services,service,,,22\nshelters,service,services,helplines,23\nhelplines,service,services,,24\n",
    )
    write(tmp_path, "most_used.csv", "shelters\n")
    write(tmp_path, "retired.csv", "refuge,shelters,2026-11-27,a second key for the same\n")
    write(tmp_path, "mappings.csv", "shelters,EIGE,https://eige.example/1,exact,report of 2026,2026-11-27\n")
    for language in THESAURUS_LANGUAGES:
        write(tmp_path, f"labels/{language}.csv", LABELS.get(language, OTHER_LABELS))
    return tmp_path


HEADINGS = {
    "concepts.csv": "key,kind,broader,related,articles",
    "most_used.csv": "key",
    "retired.csv": "key,replaced_by,since,reason",
    "mappings.csv": "key,scheme,uri,match,source,seen",
}


def write(folder: Path, name: str, rows: str) -> None:
    (folder / name).write_text(f"{HEADINGS.get(name, 'key,preferred,other')}\n{rows}", encoding="utf-8")


def test_our_thesaurus_has_no_fault():
    assert [str(fault) for fault in find_faults(ISTANBUL)] == []


def test_a_complete_thesaurus_has_no_fault(folder: Path):
    assert find_faults(ARTICLES, folder) == []


@pytest.mark.parametrize(
    ("name", "rows", "fault"),
    [
        ("concepts.csv", "services,house,,,22\n", "concepts.csv, “services”: “house” is not a kind"),
        ("concepts.csv", "Services,service,,,22\n", "concepts.csv, “Services”: a key has lower-case letters"),
        ("concepts.csv", f"{'a' * 51},service,,,22\n", f"concepts.csv, “{'a' * 51}”: a key has lower-case letters"),
        ("concepts.csv", "services,service,home,,22\n", "concepts.csv, “services”: broader: there is no concept"),
        ("concepts.csv", "services,service,,home,22\n", "concepts.csv, “services”: related: there is no concept"),
        ("concepts.csv", "services,service,,services,22\n", "concepts.csv, “services”: it is related to itself"),
        ("concepts.csv", "services,service,,,99\n", "concepts.csv, “services”: the Convention has no article “99”"),
        (
            "concepts.csv",
            "services,service,helplines,,22\nshelters,service,services,,\nhelplines,service,shelters,,\n",
            "concepts.csv, “services”: it is broader than itself: services → helplines → shelters → services",
        ),
        (
            "concepts.csv",
            "services,service,,,22\nshelters,service,services,services,23\nhelplines,service,,,24\n",
            "concepts.csv, “shelters”: “services” is broader or narrower, so it cannot also be related",
        ),
        ("concepts.csv", "services,service,,,22\nservices,service,,,22\n", "concepts.csv, “services”: it occurs twice"),
        ("concepts.csv", "services,service\n", "concepts.csv, “services”: a row must have a key and 5 columns"),
        ("most_used.csv", "home\n", "most_used.csv, “home”: there is no such concept"),
        ("labels/fr.csv", "services,abc,\nshelters,def,\n", "labels/fr.csv, “helplines”: it has no label"),
        ("labels/pl.csv", "services,abc,\n", "labels/pl.csv, “shelters”: it has no label"),
        ("labels/pl.csv", OTHER_LABELS + "home,dom,\n", "labels/pl.csv, “home”: there is no such concept"),
        (
            "labels/en.csv",
            "services,services,\nshelters,shelters,\nhelplines,helplines,a shelter|shelter\n",
            "labels/en.csv, “helplines”: “shelter” cannot be told from “shelters”, a label of “shelters”",
        ),
        (
            "labels/fr.csv",
            "services,Victime,\nshelters,def,victimes\nhelplines,ghi,\n",
            "labels/fr.csv, “shelters”: “victimes” cannot be told from “Victime”, a label of “services”",
        ),
        ("labels/pl.csv", "shelters,schronisko,Schronisko\n", "labels/pl.csv, “shelters”: “Schronisko” occurs twice"),
        ("labels/pl.csv", "shelters,dom  a,\n", "labels/pl.csv, “shelters”: “dom  a” has surplus spaces"),
        ("labels/pl.csv", "shelters,d'om,\n", "labels/pl.csv, “shelters”: “d'om” has a straight apostrophe"),
        ("labels/sr.csv", "shelters,склониште,\n", "labels/sr.csv, “shelters”: “склониште” has letters of another"),
        ("labels/bg.csv", "shelters,ubezhishte,\n", "labels/bg.csv, “shelters”: “ubezhishte” has letters of another"),
        ("labels/pl.csv", "shelters,…,\n", "labels/pl.csv, “shelters”: “…” has no word"),
        ("retired.csv", "shelters,,2026-11-27,x\n", "retired.csv, “shelters”: a retired key is never used again"),
        ("retired.csv", "old,home,2026-11-27,x\n", "retired.csv, “old”: there is no concept “home” to replace it"),
        ("retired.csv", "old,,soon,x\n", "retired.csv, “old”: “soon” is not a day such as 2026-11-27"),
        ("retired.csv", "old,,2026-11-27,\n", "retired.csv, “old”: it has no reason"),
        ("mappings.csv", "home,EIGE,https://e.org,exact,x,2026-11-27\n", "mappings.csv, “home”: there is no such"),
        ("mappings.csv", "shelters,X,https://e.org,exact,x,2026-11-27\n", "mappings.csv, “shelters”: “X” is not"),
        ("mappings.csv", "shelters,EIGE,ftp://e,exact,x,2026-11-27\n", "mappings.csv, “shelters”: “ftp://e” is"),
        ("mappings.csv", "shelters,EIGE,https://e.org,same,x,2026-11-27\n", "mappings.csv, “shelters”: “same” is not"),
        ("mappings.csv", "shelters,EIGE,https://e.org,exact,,2026-11-27\n", "mappings.csv, “shelters”: it does"),
        ("mappings.csv", "shelters,EIGE,https://e.org,exact,x,2026\n", "mappings.csv, “shelters”: “2026” is not a day"),
        (
            "mappings.csv",
            "shelters,EIGE,https://e.org,exact,x,2026-11-27\nhelplines,EIGE,https://e.org,exact,x,2026-11-27\n",
            "mappings.csv, “helplines”: https://e.org is already exactly “shelters”",
        ),
        (
            "mappings.csv",
            "shelters,EIGE,https://e.org,close,x,2026-11-27\nshelters,EIGE,https://e.org,broad,x,2026-11-27\n",
            "mappings.csv, “shelters”: it is mapped to https://e.org twice",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file_and_key(folder: Path, name: str, rows: str, fault: str):
    write(folder, name, rows)
    faults = [str(found) for found in find_faults(ARTICLES, folder)]
    assert any(text.startswith(fault) for text in faults), faults


@pytest.mark.parametrize("name", ["labels/mt.csv", "mappings.csv", "retired.csv", "most_used.csv"])
def test_a_missing_file_is_a_fault(folder: Path, name: str):
    (folder / name).unlink()
    assert f"{name}: there is no such file" in [str(fault) for fault in find_faults(ARTICLES, folder)]
