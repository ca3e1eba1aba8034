"""Samsvar: where every country stands on the Istanbul Convention, finding by finding.

The journey of a report, from a file to a country page:

1. `samsvar.monitoring.pipeline.read_report` takes the bytes of a report and the profile of the body that wrote it;
2. `samsvar.monitoring.reading` turns them into pages of lines with place, size and weight;
3. `samsvar.monitoring.passages` sets heads and notes aside and joins lines into numbered passages under their headings;
4. `samsvar.monitoring.placing` puts each passage under the articles of `samsvar.convention.treaty` its heading names;
5. `samsvar.monitoring.findings` keeps the passages in which the body concludes, with their strength and addressee;
6. `samsvar.monitoring.account` closes the books: understood, set aside, or listed as unexplained;
7. `samsvar.convention.status` says who is bound on a given day;
8. `samsvar.site` stores all this, shows it and protects it.
"""

__version__ = "0.1.0"
