"""Names on paper: every script of living use, Han characters in their own country's form, and no empty box ever."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from functools import cache
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
import typst
from django.conf import settings as configured
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from samsvar.site.meetings import fonts as of_this_site
from samsvar.site.meetings import pdf as papers
from samsvar.site.meetings.fonts import FOLDER, LAST, fonts, han_family, not_printable, printed
from samsvar.site.meetings.pdf import CannotPrint, isolated, typeset
from tests.factories.paper import fonts_of, national_forms_of
from tools.frontend import SCRIPTS, unpacked

pytestmark = pytest.mark.skipif(
    "postgresql" in configured.DATABASES["default"]["ENGINE"],
    reason="asked on SQLite: fonts and paper, and no database is opened",
)

# A name of nobody in each script, and how Unicode's names of the script's letters begin.
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
# Scripts that fewer write, for which only the font of dots is there.
IN_DOTS = {"BATAK": "ᯅᯖᯂ᯲", "LEPCHA": "ᰛᰵᰜᰤᰨ", "BAMUM": "ꚠꚡꚢ", "MANDAIC": "ࡀࡁࡂ", "COPTIC": "ⲙⲁⲣⲓⲁ", "RUNIC": "ᚠᚢᚦᚨᚱᚲ"}
STARTS = tuple({key.partition(" of ")[0].partition(",")[0] for key in NAMES} - {"CJK"})
# Archaic letters, or for notes on sound alone, that stand apart in the supplementary planes.
APART = {"CYRILLIC", "LATIN", "HIRAGANA", "KATAKANA"}


@cache
def letters_of(start: str) -> list[str]:
    """All letters and marks of a script, by their names in Unicode."""
    every = (chr(number) for number in range(0x10000 if start in APART else 0x20000))
    signs = [one for one in every if unicodedata.category(one)[0] in "LM"]
    return [one for one in signs if f"{unicodedata.name(one, '')} ".startswith(f"{start} ")]


def badge(name: str, *, country: str = "", organisation: str = "") -> dict:
    return {
        "name": name, "han": han_family(name + organisation, country), "organisation": organisation,
        "country": "Nordmark", "group": "politicians", "group_word": "Politicians", "category": "Speaker",
        "photographs": True, "qr": "",
    }  # fmt: skip


def badges(*names: str, **more: str) -> bytes:
    """The badges of these names; as PDF/UA they are refused where a letter had no glyph."""
    return typeset(
        "badges",
        {
            "title": "Badges", "language": "en", "meeting": "Shelters", "days": "15 September 2026", "invented": "",
            "may_photograph": "may be photographed", "no_photograph": "no photographs", "ticket_word": "Ticket",
            "badges": [badge(name, **more) for name in names],
        },
    )  # fmt: skip


@pytest.mark.parametrize("script", NAMES)
def test_a_name_in_each_script_of_living_use_is_printed_with_glyphs_of_a_face_for_that_script(script):
    name = NAMES[script]
    assert not_printable(name) == ""
    assert {one for one in fonts_of(badges(name)) if one.startswith("Unifont")} == set()


@pytest.mark.parametrize("script", IN_DOTS)
def test_a_name_in_a_rarer_script_is_printed_in_dots(script):
    assert {one for one in fonts_of(badges(IN_DOTS[script])) if one.startswith("Unifont")} != set()


@pytest.mark.parametrize("start", sorted(STARTS))  # processes of one run collect the same, in one order
def test_every_letter_and_mark_of_a_script_is_held(start):
    every = letters_of(start)
    assert len(every) > 20
    assert [one for one in every if not_printable(one)] == []


def test_every_character_that_china_taiwan_hong_kong_japan_and_korea_have_in_their_sets_is_held():
    sets = ("gb2312", "gbk", "big5", "big5hkscs", "shift_jis", "euc_jis_2004", "euc_kr", "johab")
    every = (chr(number) for number in (*range(0x3400, 0xA000), *range(0xAC00, 0xD7A4), *range(0x20000, 0x30000)))
    asked = [one for one in every if any(of_this_site._is_in(one, charset) for charset in sets)]
    assert (len(asked) > 30_000, not_printable("".join(asked))) == (True, "")


@given(
    st.lists(st.sampled_from(STARTS).flatmap(lambda one: st.text(letters_of(one), min_size=1)), min_size=1, max_size=12)
)
@how(max_examples=25, deadline=None)
def test_any_letters_and_marks_of_these_scripts_in_any_order_are_printable_and_printed(names):
    assert not_printable("".join(names)) == ""
    assert badges(*names)[:4] == b"%PDF"


def test_what_has_no_glyph_cannot_become_a_badge_even_where_nobody_asked_before(monkeypatch):
    monkeypatch.setattr(papers, "not_printable", lambda text: "")
    with pytest.raises(typst.TypstError, match=r"cannot be displayed|could not be displayed"):
        badges("Ana \ue000")


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Ana \ue000\U0010fffd", "\ue000\U0010fffd"),  # private use
        ("Ana \x07\x9f", "\x07\x9f"),  # controls
        ("Ana \u0378", "\u0378"),  # assigned to nothing
        ("Ana \ud800", "\ud800"),  # half of a pair
        ("Ana\tMaria\u3000\u2009Moreau", ""),  # spaces of any kind
        ("نرگس\u200cفر र्\u200dह \u200eAna\u200f \u2066x\u2069 葛\U000e0100 ❤\ufe0f \ufeff", ""),  # what is not seen
        ("Ana 🌻 👩\u200d👩\u200d👧", ""),
        ("Ŋmɛ̀ɛ́ x̱̃̌ q̣̀", ""),
    ],
)
def test_what_is_refused_is_named_character_by_character(name, missing):
    assert not_printable(name) == missing


def test_a_refusal_says_which_characters_by_their_numbers():
    with pytest.raises(CannotPrint) as refused:
        badges("Ana \ue000 Moreau\x07", "Ion \ud800")
    assert refused.value.message == "This cannot be printed here: Ana � Moreau� (U+E000, U+0007), Ion � (U+D800)."


@pytest.mark.parametrize(
    ("written", "on_paper"),
    [
        ("S\u0327tefania", "Ştefania"),
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("\ufa19谷", "\ufa19谷"),  # composing would write it as another character
        ("Ana\r\nMoreau\u2028x\ty", "Ana\nMoreau\nx y"),
    ],
)
def test_a_name_is_composed_and_stays_the_name_that_it_was(written, on_paper):
    assert printed(written) == on_paper


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
def test_han_characters_take_the_form_of_whom_they_name(name, country, form):
    assert han_family(name, country) == f"Noto Sans CJK {form}"
    assert national_forms_of(badges(name, country=country)) == {form.lower()}


def test_each_name_of_a_report_has_its_own_countrys_form_and_what_cannot_be_printed_a_sign():
    rows = [["渡辺はなこ"], ["김하늘 金"], ["陳國強 \ue000"]]
    parts = [{"kind": "table", "caption": "Present", "columns": ["Name"], "rows": rows}]
    pdf = typeset("report", {"title": "Report", "language": "en", "under": [], "notice": "", "parts": parts})
    assert national_forms_of(pdf) == {"jp", "kr", "tc"}
    assert "�" in pdfium.PdfDocument(BytesIO(pdf))[0].get_textpage().get_text_range()


def places(pdf: bytes, letters: str) -> list[float]:
    """How far from the left each of these letters stands, where it stands first."""
    page = pdfium.PdfDocument(BytesIO(pdf))[0].get_textpage()
    whole = page.get_text_range()
    return [page.get_charbox(whole.index(letter))[0] for letter in letters]


@pytest.mark.parametrize(
    ("name", "order"),
    [("Leila حداد", "Lح"), ("ליאה Haddad", "Hל")],  # the first letter decides from which side a name is read
)
def test_a_name_in_two_directions_is_read_from_the_side_of_its_first_letter(name, order):
    found = places(badges(name), order)
    assert found == sorted(found)


def test_a_word_that_cannot_be_broken_stands_within_the_badge():
    for word in ("கிருஷ்ணமூர்த்திசுந்தரம்", "Wolfeschlegelsteinhausenberg", "Ქართველიშვილიბერიძეაშვილი"):
        page = pdfium.PdfDocument(BytesIO(badges(f"Ana {word}")))[0]
        edges = [thing.get_bounds() for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
        assert (min(one[0] for one in edges) > 0, max(one[2] for one in edges) < page.get_width()) == (True, True)


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("Ana Moreau", "Ana Moreau"),
        ("Șerban", "Șerban"),
        ("ليلى", "\u2068ليلى\u2069"),
        ("ל\u2069\u202eוי", "\u2068לוי\u2069"),  # nothing that steers reaches the words around
    ],
)
def test_a_name_from_right_to_left_leaves_the_sentence_around_it_alone(text, within):
    assert isolated(text) == within


# --- Fonts of whoever runs the site, and what ours come from ----------------------------------------------------------


def tables_of(font: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">H", font, 4)
    entries = [struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(count)]
    return {tag: font[at : at + length] for tag, _checksum, at, length in entries}


def font_of(tables: dict[bytes, bytes]) -> bytes:
    directory, body, start = b"", b"", 12 + 16 * len(tables)
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, 0, start + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return struct.pack(">IHHHH", 0x00010000, len(tables), 0, 0, 0) + directory + body


def own_font() -> bytes:
    """A font of another name that holds one character for private use, which no font of ours has."""
    tables = tables_of((FOLDER / "noto-sans-vai-400.ttf").read_bytes())
    tables[b"name"] = tables[b"name"].replace("Noto".encode("utf-16-be"), "Ours".encode("utf-16-be"))
    tables[b"cmap"] = struct.pack(">HHHHIHHIIIIII", 0, 1, 3, 10, 12, 12, 0, 28, 0, 1, 0xE123, 0xE123, 3)
    return font_of(tables)


def test_a_folder_of_ones_own_adds_what_ours_do_not_hold(tmp_path, settings):
    assert not_printable("\ue123") == "\ue123"
    (tmp_path / "own.ttf").write_bytes(own_font())
    (tmp_path / "broken.ttf").write_bytes(own_font()[:500])
    (tmp_path / "note.txt").write_text("no font")
    settings.SAMSVAR_FONTS = str(tmp_path)
    assert (not_printable("Ana \ue123"), "Ours Sans Vai" in fonts().after) == ("", True)
    assert "OursSansVai-Regular" in fonts_of(badges("Ana \ue123"))


def test_a_folder_that_is_not_there_takes_nothing_away(tmp_path, settings):
    settings.SAMSVAR_FONTS = str(tmp_path / "gone")
    assert (not_printable("विद्या"), not_printable("\ue123")) == ("", "\ue123")


def test_the_last_font_is_asked_last_and_the_first_first():
    here = fonts()
    assert (here.before[0], here.after[-1]) == ("Noto Sans", LAST)
    families = here.typst.families()
    assert set(families) == {*here.before, *here.after, *(one for one in families if one.startswith("Noto Sans CJK"))}


def test_each_font_that_we_copy_has_its_licence_beside_it():
    copied = {one.name.rpartition("-")[0] for one in FOLDER.glob("*.ttf")}
    assert copied == {one.name.removesuffix("-LICENSE") for one in FOLDER.glob("*-LICENSE")}
    assert {f"noto-{script}" for script in SCRIPTS} <= copied
    assert all("SIL OPEN FONT LICENSE" in one.read_text(encoding="utf-8").upper() for one in FOLDER.glob("*-LICENSE"))


def test_the_fonts_that_our_own_wheel_carries_stay_below_twenty_megabytes():
    assert sum(one.stat().st_size for one in FOLDER.iterdir()) < 20_000_000


def test_a_font_unpacked_from_woff_has_the_tables_that_were_packed():
    tables = dict(sorted(tables_of((FOLDER / "noto-sans-vai-400.ttf").read_bytes()).items()))
    directory, body, start = b"", b"", 44 + 20 * len(tables)
    for tag, table in tables.items():
        packed = min(zlib.compress(table), table, key=len)
        directory += struct.pack(">4sIIII", tag, start + len(body), len(packed), len(table), 0)
        body += packed + bytes(-len(packed) % 4)
    head = struct.pack(">4s4sIHHIHHIIIII", b"wOFF", b"\0\1\0\0", 0, len(tables), 0, 0, 1, 0, 0, 0, 0, 0, 0)
    assert tables_of(unpacked(head + directory + body)) == tables
    with pytest.raises(ValueError, match="no WOFF"):
        unpacked(b"wOF2" + bytes(60))
