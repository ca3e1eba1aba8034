"""The how-to for researchers runs from its first line to its last and prints what it shows."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from samsvar.site.demo.sources import compile_pdf, fictional_reports

PAGE = Path(__file__).parents[2] / "docs/how-to/read-reports-into-a-table.md"


def test_the_how_to_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reports").mkdir()
    for report in fictional_reports():
        (tmp_path / "reports" / report.filename).write_bytes(compile_pdf(report))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    printed, said = [], []
    for code, output in blocks:
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            exec(compile(code, str(PAGE), "exec"), names)
        printed.append(told.getvalue())
        said.append(output)
    assert printed == said
