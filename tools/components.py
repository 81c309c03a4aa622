"""Brings what the tests need from outside Python: a browser, and fonts that can show Chinese.

The rule kept here: where the tests run as root on Debian they may install Debian packages themselves; elsewhere a person is
told the one command, and the tests say loudly what they left out (under `CI` they fail).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHINESE_FONTS = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def missing_packages() -> list[str]:
    """Return the Debian packages whose work nothing on this machine does yet."""
    packages = []
    if not os.environ.get("SANTIAO_TEST_CHROMIUM") and not any(shutil.which(name) for name in BROWSERS):
        packages.append("chromium")
    if not CHINESE_FONTS.exists() and Path("/etc/debian_version").exists():
        packages.append("fonts-noto-cjk")
    return packages


def install(packages: list[str]) -> bool:
    """Install Debian packages quietly; False when apt-get could not, with its own words on stderr."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=120", *step],
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            return False
    return True


def main() -> None:
    """Install what is missing, or say the command that does."""
    packages = missing_packages()
    if not packages:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing for the browser tests: {' '.join(packages)}")
        if not install(packages):
            say(f"apt-get could not install them; the tests go on without. By hand: {command}")
        return
    say(f"the browser tests want {' and '.join(packages)}; on Debian or Ubuntu: sudo {command}")
    say("elsewhere install Chromium, or name one in SANTIAO_TEST_CHROMIUM; the tests go on without it")


if __name__ == "__main__":
    main()
