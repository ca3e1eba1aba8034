"""Samsvar: where every country stands on the Istanbul Convention, finding by finding.

How a report becomes part of a country page:

1. `samsvar.monitoring.pipeline.read_report` takes the bytes of a report and the profile of the body that wrote it.
2. `samsvar.monitoring.reading` turns them into pages of lines with position, font size and weight.
3. `samsvar.monitoring.passages` sets page headers and footnotes aside and joins lines into numbered passages under
   their headings.
4. `samsvar.monitoring.placing` places each passage under the articles of `samsvar.convention.treaty` that its heading
   names.
5. `samsvar.monitoring.findings` selects the passages that contain a conclusion of the body, with its strength and
   addressee.
6. `samsvar.monitoring.extraction_report` checks that every character is understood, set aside, or listed as
   unexplained.
7. `samsvar.convention.status` determines who is bound on a given day.
8. `samsvar.site` stores, displays and protects all of this.
"""

__version__ = "0.1.0"
