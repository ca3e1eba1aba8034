"""Find Chromium on this machine for the browser journeys; `--install` installs it if it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The headless shell first: the same engine without windows, at half the cost of a new visitor (2026-11)
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium-headless-shell", "chromium")  # of Debian; the first that can be installed

# A browser that connects only to the page it should open: no updates, no account, no network prediction.
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's /dev/shm is often 64 MB, too little for a page with pictures
    # Chromium uses only the last of several lists, so the features that Playwright disables are repeated here.
    "--disable-features="
    + ",".join((
        # Pages of the address bar that no one sees, rendered for each new visitor: half the cost of a visitor (2026-11)
        "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
        # From Playwright 1.65: no other host, no other scheme, and pages painted as soon as they are loaded
        "AimEnabled", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
        "NetworkTimeServiceQuerying", "OptimizationHints", "PreconnectToSearch",
        "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose", "PaintHolding", "ThirdPartyStoragePartitioning",
    )),
)  # fmt: skip


def launch_flags() -> list[str]:
    """Return the flags to start Chromium with; as root it runs without its sandbox, and opens only our own pages."""
    as_root = os.name == "posix" and os.geteuid() == 0
    return [*FLAGS, "--no-sandbox"] if as_root else list(FLAGS)


def find_chromium() -> str | None:
    """Return the path of Chromium: SAMSVAR_CHROMIUM, the machine's own or Playwright's; None if there is none."""
    if named := os.environ.get("SAMSVAR_CHROMIUM"):
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None) or _playwright_chromium()


def _playwright_chromium() -> str | None:
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


def install_chromium() -> str | None:
    """Install Chromium from Debian if we may, else from Playwright; return its path, or None if both failed."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        print("Installing Chromium with apt-get ...", file=sys.stderr)
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)  # noqa: S607
        for package in PACKAGES:
            command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
            done = subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
            if done.returncode == 0:
                break
    if find_chromium() is None:
        print("Installing Chromium with Playwright ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find_chromium()


def main() -> int:
    """Print the path of Chromium; with `--install`, install it first if it is missing."""
    path = find_chromium() or (install_chromium() if "--install" in sys.argv[1:] else None)
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
