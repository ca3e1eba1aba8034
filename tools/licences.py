"""Check that a work under the EUPL may use everything we depend on, according to the installed packages.

The table says which licences we accept and why; `TOOLS_ONLY` lists those acceptable only for programs that we run and
never ship.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
SHIPPED = ("site.txt",)  # what a site installs; all other lock files are for tools

PERMISSIVE = "permissive: may stand beside a work under any licence"
ALLOWED = {
    "0BSD": PERMISSIVE,
    "Apache-2.0": PERMISSIVE,
    "BSD-2-Clause": PERMISSIVE,
    "BSD-3-Clause": PERMISSIVE,
    "CC0-1.0": PERMISSIVE,
    "CNRI-Python": PERMISSIVE,
    "HPND": PERMISSIVE,
    "ISC": PERMISSIVE,
    "MIT": PERMISSIVE,
    "MIT-0": PERMISSIVE,
    "MIT-CMU": PERMISSIVE,
    "PSF-2.0": PERMISSIVE,
    "Python-2.0": PERMISSIVE,
    "Unlicense": PERMISSIVE,
    "Zlib": PERMISSIVE,
    "EUPL-1.2": "our own",
    "OFL-1.1": "a font: copied whole with its licence, and what is printed with it is free of it",
    "MPL-2.0": "in the EUPL's appendix of compatible licences",
    "LGPL-2.1-or-later": "in the EUPL's appendix of compatible licences; we import it unchanged",
    "LGPL-3.0-only": "in the EUPL's appendix of compatible licences; we import it unchanged",
    "LGPL-3.0-or-later": "in the EUPL's appendix of compatible licences; we import it unchanged",
}
TOOLS_ONLY = {
    "GPL-3.0-only": "in the EUPL's appendix; run as a program, never imported by us or shipped",
    "GPL-3.0-or-later": "in the EUPL's appendix; run as a program, never imported by us or shipped",
}

# Packages that state a licence in words instead of an SPDX expression: the words and their meaning.
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
LICENCE_TEXTS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-3": "BSD-3-Clause",
    # pypdfium2 lists the licences of everything in PDFium one by one; all are permissive (read 2026-11-24)
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "GPLv3": "GPL-3.0-only",
    "MIT License": "MIT",
    "MPL 2.0": "MPL-2.0",
}


def locked_packages(lock: Path) -> Iterator[str]:
    """Yield the names of the packages in one of our lock files."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)==", line):
            yield found[1]


def licence_expression(package: metadata.PackageMetadata) -> str | None:
    """Return a package's licence as an SPDX expression; None if it states none that we recognise."""
    if expression := package.get("License-Expression"):
        return str(expression)
    spoken = (package.get("License") or "").strip()
    if spoken in LICENCE_TEXTS:
        return LICENCE_TEXTS[spoken]
    if spoken and set(re.split(r" AND | OR ", spoken)) <= {*ALLOWED, *TOOLS_ONLY}:
        return spoken  # an SPDX expression in the old field
    classified = [CLASSIFIERS[line] for line in package.get_all("Classifier", []) if line in CLASSIFIERS]
    return " OR ".join(classified) or None


def is_allowed(expression: str, shipped: bool) -> bool:
    """Return whether an SPDX expression is acceptable: one side of OR is enough, with AND every side must be."""
    accepted = set(ALLOWED) if shipped else set(ALLOWED) | set(TOOLS_ONLY)

    def leaves_one(node: ast.expr) -> bool:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return all(leaves_one(value) for value in values)
            case ast.BoolOp(op=ast.Or(), values=values):
                return any(leaves_one(value) for value in values)
            case ast.Constant(value=str(licence)):
                return licence in accepted
        raise ValueError(f"not an SPDX expression: {expression}")

    plain = re.sub(r"\s+WITH\s+[\w.-]+", "", expression)  # an exception only ever permits more
    # AND binds before OR in SPDX as in Python, so with its licences in quotes the expression parses as Python
    quoted = re.sub(r"[\w.+-]+", lambda word: word[0].lower() if word[0] in {"AND", "OR"} else repr(word[0]), plain)
    return leaves_one(ast.parse(quoted, mode="eval").body)


def find_problems() -> Iterator[str]:
    """Yield each package whose licence is missing or not acceptable."""
    for lock in sorted(LOCKS.glob("*.txt")):
        for name in locked_packages(lock):
            try:
                package = metadata.metadata(name)
            except metadata.PackageNotFoundError:
                continue  # for another platform
            expression = licence_expression(package)
            if expression is None:
                yield f"{name} ({lock.name}): says no licence that tools/licences.py understands"
            elif not is_allowed(expression, shipped=lock.name in SHIPPED):
                yield f"{name} ({lock.name}): {expression} is not in the table of tools/licences.py"
    front_end = json.loads((ROOT / "src/samsvar/site/shell/package-lock.json").read_text(encoding="utf-8"))
    for name, package in front_end["packages"].items():
        said = package.get("license", "")
        expression = LICENCE_TEXTS.get(said, said)
        if not expression or not is_allowed(expression, shipped=not package.get("dev", False)):
            yield f"{name or 'package.json'} (npm): {expression or 'no licence'} is not in tools/licences.py"


if __name__ == "__main__":
    found = list(find_problems())
    print("\n".join(found) or "every dependency has a licence that the EUPL goes with")
    sys.exit(1 if found else 0)
