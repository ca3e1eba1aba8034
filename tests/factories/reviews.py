"""Reports of the Universal Periodic Review for tests, laid out like the Council's documents; the sentences are ours."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import typst

VERBS = [
    "Establish",
    "Continue to support",
    "Take steps to open",
    "Consider funding",
    "Strengthen",
    "Protect",
    "Review",
]
OBJECTS = [
    "shelters for all who need one in every region of the country, whatever the season and the distance",
    "the archives of the lake district",
    "a national plan on the safety of bridges, with the participation of those who cross them",
    "independent courts", "the Convention on the Protection of Rivers and of Those Who Live by Them",
    "public libraries, in line with recommendation 12 of the Committee on Books and with paragraph 95 of its report",
    "schools; train teachers; and report on both to the parliament, as it agreed to do in 2011",
]  # fmt: skip
STATES = [
    "France", "Spain", "Czech Republic", "Iran (Islamic Republic of)", "Bolivia (Plurinational State of)",
    "Côte d’Ivoire", "Lao People’s Democratic Republic", "Bosnia and Herzegovina", "Trinidad and Tobago",
    "United Kingdom of Great Britain and Northern Ireland", "Republic of Korea", "Holy See", "Viet Nam", "Chile",
]  # fmt: skip
INTRODUCTIONS = {  # language → position → introduction
    "en": {
        "supported": (
            "The recommendations formulated during the interactive dialogue and listed below have been "
            "examined by Ostria and enjoy its support:"
        ),
        "already_implemented": (
            "The following recommendations enjoy the support of Ostria, which considers that they are "
            "already implemented or in the process of implementation:"
        ),
        "under_consideration": (
            "The following recommendations will be examined by Ostria, which will provide responses in due "
            "time, but no later than the next session of the Human Rights Council:"
        ),
        "noted": (
            "The recommendations below did not enjoy the support of Ostria and would thus be noted:"
        ),
    },
    "fr": {
        "supported": (
            "Les recommandations formulées au cours du dialogue et énumérées ci-après ont été examinées par "
            "l’Ostrie et recueillent son adhésion :"
        ),
        "already_implemented": (
            "Les recommandations ci-après recueillent l’adhésion de l’Ostrie, qui considère qu’elles sont "
            "déjà appliquées ou en cours d’application :"
        ),
        "under_consideration": (
            "Les recommandations ci-après seront examinées par l’Ostrie, qui y répondra en temps voulu :"
        ),
        "noted": "Les recommandations ci-après n’ont pas recueilli l’adhésion de l’Ostrie :",
    },
    "es": {
        "supported": (
            "Las recomendaciones formuladas durante el diálogo interactivo que figuran a continuación "
            "cuentan con el apoyo de Ostria:"
        ),
        "already_implemented": (
            "Las siguientes recomendaciones cuentan con el apoyo de Ostria, que considera que ya se han "
            "aplicado o están en vías de aplicación:"
        ),
        "under_consideration": (
            "Ostria examinará las siguientes recomendaciones y responderá a su debido tiempo:"
        ),
        "noted": "Las siguientes recomendaciones no cuentan con el apoyo de Ostria:",
    },
}  # fmt: skip
REPLIES = [
    "With regard to the recommendation on lakes, the Government considers that the law of 2004 is sufficient;",
    "Ostria explained that its schools were open to all children, and that it would continue to fund them.",
]
PARTS = {
    "en": "II. Conclusions and/or recommendations",
    "fr": "II. Conclusions et/ou recommandations",
    "es": "II. Conclusiones y/o recomendaciones",
}
MARGINS = ["left: 113pt, right: 113pt", "inside: 128pt, outside: 98pt", "inside: 85pt, outside: 42pt"]
HEAD = """#set text(size: 10pt, font: "Libertinus Serif")
#set par(justify: true, leading: 4pt, spacing: 8pt)
#set page(width: 595pt, height: 842pt, margin: (top: 80pt, bottom: 90pt, {margins}),
  header: context if counter(page).get().first() > 1 {{
    let right = calc.odd(counter(page).get().first())
    let symbol = text(9pt, weight: "bold")[A/HRC/99/7]
    place(dx: -50pt, block(width: 100% + 100pt, align(if right {{ end }} else {{ start }}, symbol)))
  }},
  footer: context if counter(page).get().first() > 1 {{
    let right = calc.odd(counter(page).get().first())
    let number = text(9pt, weight: "bold", counter(page).display())
    place(dx: -50pt, block(width: 100% + 100pt, if right [{footer} #h(1fr) #number] else [#number]))
  }})
#let paragraph(number, body) = block(above: 8pt, below: 8pt)[#number. #h(14pt)#body]
#let listed(number, body) = block(above: 8pt, below: 8pt, inset: (left: 28pt))[
  #par(hanging-indent: {hang}pt)[#number#h(12pt)#body]
]
"""


@dataclass(frozen=True, slots=True)
class Review:
    """A report with the recommendations that a reader should find in it: number, text, states, position."""

    pdf: bytes
    expected: Sequence[tuple[str, str, tuple[str, ...], str | None]]


@dataclass(slots=True)
class ReviewWriter:
    """A writer of reports: paragraphs, headings and lists are added in order."""

    language: str = "en"
    margins: str = "left: 113pt, right: 113pt"
    footer: str = "GE.13-15472"
    dotted: str = "{paragraph}.{number}."  # how listed numbers are printed; "{number}." for a list of its own
    hang: int = 42
    bold: bool = True
    cover_lines: int = 14
    parts: list[str] = field(default_factory=list)
    expected: list[tuple[str, str, tuple[str, ...], str | None]] = field(default_factory=list)
    number: int = 0  # of the last paragraph

    def add_paragraph(self, text: str) -> None:
        self.number += 1
        self.parts.append(f"#paragraph({self.number})[{escape(text)}]")

    def add_heading(self, text: str, size: int = 14) -> None:
        self.parts.append(f'#block(above: 18pt, below: 10pt)[#h(-28pt)#text({size}pt, weight: "bold")[{escape(text)}]]')

    def add_listed(
        self, number: int, text: str, states: tuple[str, ...] = (), position: str | None = None, *, printed: str = ""
    ) -> None:
        """Add a listed passage; it is expected as a finding if it has states."""
        if states:
            self.expected.append((f"{self.number}.{number}", text, states, position))
        label = printed or self.dotted.format(paragraph=self.number, number=number)
        body = f'#text(weight: "bold")[{escape(text)}]' if self.bold else escape(text)
        self.parts.append(f"#listed[{escape(label)}][{body}]")

    def add_note(self, text: str) -> None:
        """Add a footnote to the last passage that was added."""
        before, end = self.parts[-1][:-1], self.parts[-1][-1]
        self.parts[-1] = f"{before}#footnote[{escape(text)}]{end}"

    def write(self) -> Review:
        """Return the report as a PDF, with what should be found in it."""
        cover = "\\\n".join(["United Nations", *(f"Line of the cover {n}" for n in range(self.cover_lines))])
        title = '#text(17pt, weight: "bold")[Report of the Working Group on the Universal Periodic Review\\ Ostria]'
        first = (
            f"#block(inset: (left: -56pt))[{cover}]\n#v(1fr)\n{title}\n#v(1fr)\n#h(-56pt)GE.13-15472\n#pagebreak()\n"
        )
        head = HEAD.format(margins=self.margins, footer=self.footer, hang=self.hang)
        pdf = typst.compile((head + first + "\n\n".join(self.parts)).encode("utf-8"))
        assert isinstance(pdf, bytes)
        return Review(pdf, self.expected)


def escape(text: str) -> str:
    """Return the text with Typst's own characters escaped."""
    return "".join("\\" + c if c in "\\#[]*_`$<>@/-~=+" else c for c in text).replace(". ", "\\. ")


def write_proceedings(writer: ReviewWriter, paragraphs: int) -> None:
    """Add the first part of a report, in which recommendations are only told of."""
    writer.add_heading("I. Summary of the proceedings of the review process")
    for count in range(paragraphs):
        writer.add_paragraph(
            f"Chile welcomed the new law on lakes and recommended that libraries be opened in {count + 3} towns. Peru"
            " asked about rivers and schools (Peru). It recommended to (a) fund them; (b) report on them in 2014."
        )
    writer.add_heading(PARTS[writer.language])


def compose_recommendation(random: random.Random, language: str) -> tuple[str, tuple[str, ...]]:
    """Return the words of a recommendation, with one to six states at its end."""
    states = tuple(random.sample(STATES, random.choice([1, 1, 1, 2, 3, 6])))
    joined = ", ".join(states)
    if len(states) == 2 and random.random() < 0.3:
        joined = f" {({'en': 'and', 'fr': 'et', 'es': 'y'})[language]} ".join(states)
    brackets = f"({joined})" if random.random() < 0.85 else " ".join(f"({state})" for state in states)
    return f"{random.choice(VERBS)} {random.choice(OBJECTS)} {brackets}", states


def make_random_review(seed: int) -> Review:
    """Return a report whose layout, language and lists follow from the seed."""
    chance = random.Random(seed)
    writer = ReviewWriter(
        language=chance.choice(["en", "en", "en", "fr", "es"]),
        margins=chance.choice(MARGINS),
        footer=chance.choice(["", "GE.13-15472", "GE.13-15472 (E)"]),
        dotted=chance.choice(["{paragraph}.{number}.", "{paragraph}.{number}", "{number}.", "{number}."]),
        hang=chance.choice([0, 42]),
        bold=chance.random() < 0.7,
        cover_lines=chance.choice([4, 14, 40]),
    )  # fmt: skip
    write_proceedings(writer, chance.choice([3, 20, 90]))
    for position in chance.sample(list(INTRODUCTIONS["en"]), chance.choice([1, 2, 3, 4])):
        writer.add_paragraph(INTRODUCTIONS[writer.language][position])
        for number in range(1, chance.choice([2, 12, 40, 110])):
            if chance.random() < 0.04:
                writer.add_listed(number, chance.choice(REPLIES))
                continue
            text, states = compose_recommendation(chance, writer.language)
            if chance.random() < 0.1:
                text = f"{text}; {text}"
            writer.add_listed(number, text + chance.choice([";", ";", ";", ".", ""]), states, position)
            if chance.random() < 0.05:
                writer.add_note(
                    f"The recommendation as read out during the dialogue: “{text.rpartition('(')[0]}” (Peru)."
                )
    writer.add_paragraph(
        "All conclusions and/or recommendations contained in the present report reflect the position of the submitting"
        " State(s) and/or the State under review."
    )
    if chance.random() < 0.4:
        writer.add_heading("III. Voluntary pledges and commitments")
        writer.add_paragraph("Ostria commits itself to the following:")
        for number in range(1, 5):
            writer.add_listed(number, "Protect the lakes together with its neighbours (Chile);")
    writer.add_heading("Annex")
    writer.add_heading("Composition of the delegation")
    writer.parts.append("The delegation of Ostria was headed by the Minister.")
    return writer.write()
