"""Printed names: every living script, Han characters in their country's form, and never an empty box."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from functools import cache
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw
import pytest
import typst
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from samsvar.site.meetings import fonts as of_this_site
from samsvar.site.meetings import pdf as papers
from samsvar.site.meetings.fonts import (
    FONT_FOLDER,
    LAST_FONT,
    choose_han_family,
    get_fonts,
    normalise_for_print,
    unprintable_characters,
)
from samsvar.site.meetings.pdf import UnprintableCharacters, isolate_right_to_left, typeset_pdf
from tests.factories.paper import fonts_of, han_variants_of
from tools.frontend import SCRIPTS, unpack_woff

# A fictional name in each script, and the prefix of the Unicode names of the script's letters.
NAMES = {
    "LATIN": "Ștefania Ľubošová-Þórðar",
    "LATIN of Viet Nam": "Nguyễn Thị Ngọc Ánh",
    "LATIN of Africa": "Ɓàngálá Ŋmɛ̀ɛ́ Ọlá Ṣẹ́gun Ɣɔ̈ŋ",
    "GREEK": "Ἀλέξανδρος Παπαδόπουλος",
    "CYRILLIC": "Олександра Їжакевич",
    "CYRILLIC of Kazakhstan": "Әсел Құдайбергенқызы",
    "GEORGIAN": "ნინო ბერიძე",
    "ARMENIAN": "Անի Սարգսյան",
    "HEBREW": "נועה לֵוִי",
    "ARABIC": "ليلى حداد",
    "ARABIC of Iran": "نرگس پژوهان‌فر",
    "ARABIC of Pakistan": "ثریّا گھوڑے والی",
    "ARABIC of Kurdistan": "ئاڤان ڕەسوڵ",
    "ARABIC of Afghanistan": "ښکلا ځدراڼ",
    "SYRIAC": "ܡܪܝܡ ܒܪ ܢܘܢ",
    "THAANA": "ޢާއިޝަތު",
    "NKO": "ߖߊ߬ߓߌ߬ ߞߎߙߎߡߊ",
    "ADLAM": "𞤀𞤣𞤤𞤢𞤥 𞤄𞤢𞤪𞤭",
    "HANIFI": "𐴀𐴝𐴌𐴟𐴇",
    "DEVANAGARI": "विद्या क्षत्रिय र्‍हास",
    "BENGALI": "অর্পিতা চট্টোপাধ্যায়",
    "GURMUKHI": "ਹਰਪ੍ਰੀਤ ਸਿੰਘ",
    "GUJARATI": "હૃદયા ક્ષત્રિય",
    "ORIYA": "ସୁଶ୍ରୀ ମହାପାତ୍ର",
    "TAMIL": "தமிழ்ச்செல்வி ஸ்ரீ",
    "TELUGU": "విజయలక్ష్మి క్షత్రియ",
    "KANNADA": "ಶ್ರೀಲಕ್ಷ್ಮೀ ಕೃಷ್ಣ",
    "MALAYALAM": "ശ്രീലക്ഷ്മി കൃഷ്ണൻ",
    "SINHALA": "ශ්‍රියානි ක්ෂේමා",
    "THAI": "ปิ่นแก้ว น้ำทิพย์",
    "LAO": "ນາງ ແສງຈັນ",
    "KHMER": "ស្រីមុំ ខ្មែរ្យ",
    "MYANMAR": "အောင်ဆန်းမြတ်",
    "TIBETAN": "བསྟན་འཛིན་རྒྱ་མཚོ",
    "MONGOLIAN": "ᠮᠣᠩᠭᠣᠯ ᠰᠠᠷᠠᠨ",
    "ETHIOPIC": "ፍቅርተ ኃይለማርያም",
    "TIFINAGH": "ⵜⴰⵏⵉⵔⵜ ⴰⵎⵖⴰⵔ",
    "VAI": "ꕙꔤ ꔀꕮ",
    "CHEROKEE": "ᏣᎳᎩ ᎠᏂ",
    "CANADIAN": "ᐊᓪᓚᖅ ᓄᓇᕗᑦ",
    "OSAGE": "𐓏𐓘𐓻𐓘𐓻𐓟",
    "CJK": "王小明 刘艳红",
    "CJK of Taiwan": "陳曉雯 黃國強",
    "CJK, a character for a name alone": "葛󠄀城 𠮷野 﨑山",
    "BOPOMOFO": "ㄌㄧㄣˊ 小美",
    "HIRAGANA": "山田 はなこ",
    "KATAKANA": "ヤマダ ハナコ",
    "HANGUL": "김하늘 金恩英",
    "YI": "ꆈꌠ ꃅꎭ",
    "LISU": "ꓡꓲꓢꓴ",
    "JAVANESE": "ꦱꦿꦶꦩꦸꦭꦾꦤꦶ",
    "BALINESE": "ᬦᬶᬮᬸᬄ",
    "SUNDANESE": "ᮔᮔ ᮞᮥᮔ᮪ᮓ",
    "CHAM": "ꨌꩌ ꨆꨣꨮ",
    "TAI LE": "ᥖᥭᥰ ᥘᥫᥴ",
    "NEW TAI LUE": "ᦟᦹᧉ ᦌᦲ",
    "TAI VIET": "ꪼꪕꪒꪾ",
    "OL CHIKI": "ᱥᱟᱱᱛᱟᱲ",
    "MEETEI": "ꯃꯤꯇꯩ ꯆꯅꯨ",
    "CHAKMA": "𑄌𑄋𑄴𑄟𑄳𑄦",
    "LIMBU": "ᤕᤠᤰᤌᤢᤱ",
    "SYLOTI": "ꠍꠤꠟꠐꠤ",
    "NEWA": "𑐣𑐾𑐥𑐵𑐮",
    "MIAO": "𖼀𖽐 𖼊𖽜",
    "KAYAH": "ꤊꤢꤛꤢ ꤜꤟꤤ",
}
# Less common scripts, for which only the dot font is available.
DOT_FONT_NAMES = {
    "BATAK": "ᯅᯖᯂ᯲",
    "LEPCHA": "ᰛᰵᰜᰤᰨ",
    "BAMUM": "ꚠꚡꚢ",
    "MANDAIC": "ࡀࡁࡂ",
    "COPTIC": "ⲙⲁⲣⲓⲁ",
    "RUNIC": "ᚠᚢᚦᚨᚱᚲ",
}
SCRIPT_PREFIXES = tuple({key.partition(" of ")[0].partition(",")[0] for key in NAMES} - {"CJK"})
# Archaic or phonetic letters of these scripts, in the supplementary planes, are left out.
BASIC_PLANE_ONLY = {"CYRILLIC", "LATIN", "HIRAGANA", "KATAKANA"}


@cache
def script_characters(start: str) -> list[str]:
    """Return all letters and marks of a script, found by their Unicode names."""
    every = (chr(number) for number in range(0x10000 if start in BASIC_PLANE_ONLY else 0x20000))
    signs = [one for one in every if unicodedata.category(one)[0] in "LM"]
    return [one for one in signs if f"{unicodedata.name(one, '')} ".startswith(f"{start} ")]


def badge_data(name: str, *, country: str = "", organisation: str = "") -> dict:
    return {
        "name": name, "han": choose_han_family(name + organisation, country), "organisation": organisation,
        "country": "Nordmark", "group": "politicians", "group_label": "Politicians", "category": "Speaker",
        "photographs": True, "qr": "",
    }  # fmt: skip


def make_badges(*names: str, **more: str) -> bytes:
    """Return the badges for these names; typesetting as PDF/UA fails if a character has no glyph."""
    return typeset_pdf(
        "badges",
        {
            "title": "Badges", "language": "en", "meeting": "Shelters", "days": "15 September 2026", "fictional": "",
            "may_photograph": "may be photographed", "no_photograph": "no photographs", "ticket_label": "Ticket",
            "badges": [badge_data(name, **more) for name in names],
        },
    )  # fmt: skip


@pytest.mark.parametrize("script", NAMES)
def test_a_name_in_each_living_script_is_printed_with_a_font_for_that_script(script):
    name = NAMES[script]
    assert unprintable_characters(name) == ""
    assert {one for one in fonts_of(make_badges(name)) if one.startswith("Unifont")} == set()


@pytest.mark.parametrize("script", DOT_FONT_NAMES)
def test_a_name_in_a_rarer_script_is_printed_with_the_dot_font(script):
    assert {one for one in fonts_of(make_badges(DOT_FONT_NAMES[script])) if one.startswith("Unifont")} != set()


@pytest.mark.parametrize("start", sorted(SCRIPT_PREFIXES))  # all test processes must collect the same order
def test_every_letter_and_mark_of_a_script_has_a_glyph(start):
    every = script_characters(start)
    assert len(every) > 20
    assert [one for one in every if unprintable_characters(one)] == []


def test_every_character_of_the_east_asian_character_sets_has_a_glyph():
    sets = ("gb2312", "gbk", "big5", "big5hkscs", "shift_jis", "euc_jis_2004", "euc_kr", "johab")
    every = (chr(number) for number in (*range(0x3400, 0xA000), *range(0xAC00, 0xD7A4), *range(0x20000, 0x30000)))
    asked = [one for one in every if any(of_this_site._is_encodable(one, charset) for charset in sets)]
    assert (len(asked) > 30_000, unprintable_characters("".join(asked))) == (True, "")


@given(
    st.lists(
        st.sampled_from(SCRIPT_PREFIXES).flatmap(lambda one: st.text(script_characters(one), min_size=1)),
        min_size=1,
        max_size=12,
    )
)
@how(max_examples=25, deadline=None)
def test_any_sequence_of_letters_and_marks_of_these_scripts_can_be_printed(names):
    assert unprintable_characters("".join(names)) == ""
    assert make_badges(*names)[:4] == b"%PDF"


def test_a_character_without_a_glyph_never_becomes_a_badge_even_without_the_check(monkeypatch):
    monkeypatch.setattr(papers, "unprintable_characters", lambda text: "")
    with pytest.raises(typst.TypstError, match=r"cannot be displayed|could not be displayed"):
        make_badges("Ana \ue000")


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Ana \ue000\U0010fffd", "\ue000\U0010fffd"),  # private use
        ("Ana \x07\x9f", "\x07\x9f"),  # control characters
        ("Ana \u0378", "\u0378"),  # unassigned
        ("Ana \ud800", "\ud800"),  # a lone surrogate
        ("Ana\tMaria\u3000\u2009Moreau", ""),  # any kind of space
        ("نرگس\u200cفر र्\u200dह \u200eAna\u200f \u2066x\u2069 葛\U000e0100 ❤\ufe0f \ufeff", ""),  # invisible characters
        ("Ana 🌻 👩\u200d👩\u200d👧", ""),
        ("Ŋmɛ̀ɛ́ x̱̃̌ q̣̀", ""),
    ],
)
def test_unprintable_characters_are_listed_one_by_one(name, missing):
    assert unprintable_characters(name) == missing


def test_the_error_lists_unprintable_characters_by_code_point():
    with pytest.raises(UnprintableCharacters) as refused:
        make_badges("Ana \ue000 Moreau\x07", "Ion \ud800")
    assert refused.value.message == "The site's fonts cannot print Ana � Moreau� (U+E000, U+0007), Ion � (U+D800)."


@pytest.mark.parametrize(
    ("written", "on_paper"),
    [
        ("S\u0327tefania", "Ştefania"),
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("\ufa19谷", "\ufa19谷"),  # composing would turn it into another character
        ("Ana\r\nMoreau\u2028x\ty", "Ana\nMoreau\nx y"),
    ],
)
def test_a_name_is_composed_without_turning_into_another_name(written, on_paper):
    assert normalise_for_print(written) == on_paper


@pytest.mark.parametrize(
    ("name", "country", "form"),
    [
        ("王小明", "", "SC"),
        ("王小明", "JP", "JP"),
        ("王小明", "KR", "KR"),
        ("王小明", "RO", "SC"),
        ("刘艳红", "", "SC"),
        ("陳曉雯", "", "TC"),
        ("渋谷 桜", "", "JP"),
        ("山田 はなこ", "CN", "JP"),
        ("김하늘 金恩英", "", "KR"),
        ("ㄌㄧㄣˊ 小美", "", "TC"),
        ("王小明", "HK", "HK"),
        ("邨", "", "HK"),
    ],
)
def test_han_characters_take_the_national_form_of_the_person(name, country, form):
    assert choose_han_family(name, country) == f"Noto Sans CJK {form}"
    assert han_variants_of(make_badges(name, country=country)) == {form.lower()}


def test_a_report_uses_national_forms_and_a_sign_for_unprintable_characters():
    rows = [["渡辺はなこ"], ["김하늘 金"], ["陳國強 \ue000"]]
    parts = [{"kind": "table", "caption": "Present", "columns": ["Name"], "rows": rows}]
    pdf = typeset_pdf("report", {"title": "Report", "language": "en", "under": [], "notice": "", "parts": parts})
    assert han_variants_of(pdf) == {"jp", "kr", "tc"}
    assert "�" in pdfium.PdfDocument(BytesIO(pdf))[0].get_textpage().get_text_range()


def left_positions(pdf: bytes, letters: str) -> list[float]:
    """Return the distance from the left edge of the first occurrence of each of these letters."""
    page = pdfium.PdfDocument(BytesIO(pdf))[0].get_textpage()
    whole = page.get_text_range()
    return [page.get_charbox(whole.index(letter))[0] for letter in letters]


@pytest.mark.parametrize(
    ("name", "order"),
    [("Leila حداد", "Lح"), ("ליאה Haddad", "Hל")],  # the first letter decides the direction of a name
)
def test_a_bidirectional_name_is_set_in_the_direction_of_its_first_letter(name, order):
    found = left_positions(make_badges(name), order)
    assert found == sorted(found)


def test_an_unbreakable_word_fits_within_the_badge():
    for word in ("கிருஷ்ணமூர்த்திசுந்தரம்", "Wolfeschlegelsteinhausenberg", "Ქართველიშვილიბერიძეაშვილი"):
        page = pdfium.PdfDocument(BytesIO(make_badges(f"Ana {word}")))[0]
        edges = [thing.get_bounds() for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])]
        assert (min(one[0] for one in edges) > 0, max(one[2] for one in edges) < page.get_width()) == (True, True)


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("Ana Moreau", "Ana Moreau"),
        ("Șerban", "Șerban"),
        ("ليلى", "\u2068ليلى\u2069"),
        ("ל\u2069\u202eוי", "\u2068לוי\u2069"),  # no control character affects the surrounding text
    ],
)
def test_a_right_to_left_name_does_not_reorder_the_surrounding_sentence(text, within):
    assert isolate_right_to_left(text) == within


# --- Custom fonts, and the sources of the bundled ones ----------------------------------------------------------------


def font_tables(font: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">H", font, 4)
    entries = [struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(count)]
    return {tag: font[at : at + length] for tag, _checksum, at, length in entries}


def build_font(tables: dict[bytes, bytes]) -> bytes:
    directory, body, start = b"", b"", 12 + 16 * len(tables)
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, 0, start + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return struct.pack(">IHHHH", 0x00010000, len(tables), 0, 0, 0) + directory + body


def make_custom_font() -> bytes:
    """Return a font under another name with one private-use character that no bundled font has."""
    tables = font_tables((FONT_FOLDER / "noto-sans-vai-400.ttf").read_bytes())
    tables[b"name"] = tables[b"name"].replace("Noto".encode("utf-16-be"), "Ours".encode("utf-16-be"))
    tables[b"cmap"] = struct.pack(">HHHHIHHIIIIII", 0, 1, 3, 10, 12, 12, 0, 28, 0, 1, 0xE123, 0xE123, 3)
    return build_font(tables)


def test_a_custom_font_folder_adds_missing_characters(tmp_path, settings):
    assert unprintable_characters("\ue123") == "\ue123"
    (tmp_path / "own.ttf").write_bytes(make_custom_font())
    (tmp_path / "broken.ttf").write_bytes(make_custom_font()[:500])
    (tmp_path / "note.txt").write_text("no font")
    settings.SAMSVAR_FONTS = str(tmp_path)
    assert (unprintable_characters("Ana \ue123"), "Ours Sans Vai" in get_fonts().families_after_han) == ("", True)
    assert "OursSansVai-Regular" in fonts_of(make_badges("Ana \ue123"))


def test_a_missing_font_folder_changes_nothing(tmp_path, settings):
    settings.SAMSVAR_FONTS = str(tmp_path / "gone")
    assert (unprintable_characters("विद्या"), unprintable_characters("\ue123")) == ("", "\ue123")


def test_without_the_optional_han_fonts_a_plain_font_prints_the_name(monkeypatch):
    monkeypatch.setattr(of_this_site, "PACKAGES", ("manimgx_fonts", "manimgx_fonts_that_is_not_installed"))
    of_this_site._load_fonts.cache_clear()
    try:
        assert not any(family.startswith("Noto Sans CJK") for family in get_fonts().typst.families())
        assert unprintable_characters("王小明") == ""
        assert any(font.startswith("UnifontEx") for font in fonts_of(make_badges("王小明")))
    finally:
        of_this_site._load_fonts.cache_clear()


def test_the_first_and_last_fonts_are_used_in_that_order():
    here = get_fonts()
    assert (here.families_before_han[0], here.families_after_han[-1]) == ("Noto Sans", LAST_FONT)
    families = here.typst.families()
    assert set(families) == {
        *here.families_before_han,
        *here.families_after_han,
        *(one for one in families if one.startswith("Noto Sans CJK")),
    }


def test_each_bundled_font_has_its_licence_beside_it():
    copied = {one.name.rpartition("-")[0] for one in FONT_FOLDER.glob("*.ttf")}
    assert copied == {one.name.removesuffix("-LICENSE") for one in FONT_FOLDER.glob("*-LICENSE")}
    assert {f"noto-{script}" for script in SCRIPTS} <= copied
    assert all(
        "SIL OPEN FONT LICENSE" in one.read_text(encoding="utf-8").upper() for one in FONT_FOLDER.glob("*-LICENSE")
    )


def test_the_bundled_fonts_stay_below_twenty_megabytes():
    assert sum(one.stat().st_size for one in FONT_FOLDER.iterdir()) < 20_000_000


def test_unpacking_a_woff_font_restores_its_tables():
    tables = dict(sorted(font_tables((FONT_FOLDER / "noto-sans-vai-400.ttf").read_bytes()).items()))
    directory, body, start = b"", b"", 44 + 20 * len(tables)
    for tag, table in tables.items():
        packed = min(zlib.compress(table), table, key=len)
        directory += struct.pack(">4sIIII", tag, start + len(body), len(packed), len(table), 0)
        body += packed + bytes(-len(packed) % 4)
    head = struct.pack(">4s4sIHHIHHIIIII", b"wOFF", b"\0\1\0\0", 0, len(tables), 0, 0, 1, 0, 0, 0, 0, 0, 0)
    assert font_tables(unpack_woff(head + directory + body)) == tables
    with pytest.raises(ValueError, match="no WOFF"):
        unpack_woff(b"wOF2" + bytes(60))
