"""Where this machine's Chromium is, for the browser journeys; `--install` gets one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A browser that speaks only to the page it is told to open: no updates, no account, no guesses about the network.
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's /dev/shm is often 64 MB, less than a page with pictures needs
    # Of several lists Chromium obeys the last, so what Playwright would leave out for our sake stands here again.
    "--disable-features="
    + ",".join((
        # Pages of an address bar that nobody sees, drawn for each new visitor: half of what a visitor cost (2026-11)
        "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
        # Playwright 1.65: no other host, no other scheme, and a page painted when it is there
        "AimEnabled", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
        "NetworkTimeServiceQuerying", "OptimizationHints", "PreconnectToSearch",
        "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose", "PaintHolding", "ThirdPartyStoragePartitioning",
    )),
)  # fmt: skip


def flags() -> list[str]:
    """The flags to start Chromium with; as root it starts only without its sandbox, and sees only our own pages."""
    as_root = os.name == "posix" and os.geteuid() == 0
    return [*FLAGS, "--no-sandbox"] if as_root else list(FLAGS)


def find_chromium() -> str | None:
    """The path of Chromium: what SAMSVAR_CHROMIUM names, the machine's own, Playwright's; None without any."""
    if named := os.environ.get("SAMSVAR_CHROMIUM"):
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None) or _playwrights()


def _playwrights() -> str | None:
    places = (
        Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")),
        Path("~/Library/Caches/ms-playwright"),
    )
    for place in places:
        found = sorted(place.expanduser().glob("chromium*/chrome-*/*"), reverse=True)
        for program in found:
            if program.name in {"chrome", "headless_shell", "chrome-headless-shell"} and os.access(program, os.X_OK):
                return str(program)
    return None


def install() -> str | None:
    """Debian's Chromium where we may install packages, else Playwright's; its path, or None where neither came."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        print("Installing Chromium with apt-get ...", file=sys.stderr)
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)  # noqa: S607
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],  # noqa: S607
            env=quiet, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    if find_chromium() is None:
        print("Installing Chromium with Playwright ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find_chromium()


def main() -> int:
    """Print the path; with `--install`, get a browser first where there is none."""
    path = find_chromium() or (install() if "--install" in sys.argv[1:] else None)
    if path is None:
        print(
            "No Chromium: install one (Debian: apt install chromium) or name it in SAMSVAR_CHROMIUM.",
            file=sys.stderr,
        )
        return 1
    print(f"Chromium: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
