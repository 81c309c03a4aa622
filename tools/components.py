"""Brings what the tests need from outside Python: a browser, fonts that can show Chinese, Kafka with the Java to run it, and what checks
`deploy/` (`linters.py`).

The rule kept here: where the tests run as root on Debian they may install Debian packages themselves; elsewhere a person is
told the one command, and the tests say loudly what they left out (under `CI` they fail).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.linters import fetch_linters

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHINESE_FONTS = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
KAFKA_POM = Path(__file__).resolve().parent / "maven" / "pom.xml"
KAFKA_JARS = Path(__file__).resolve().parents[1] / ".components" / "kafka"


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def missing_packages() -> list[str]:
    """Return the Debian packages whose work nothing on this machine does yet."""
    packages = []
    if not os.environ.get("SANTIAO_TEST_CHROMIUM") and not any(shutil.which(name) for name in BROWSERS):
        packages.append("chromium")
    if not CHINESE_FONTS.exists() and Path("/etc/debian_version").exists():
        packages.append("fonts-noto-cjk")
    if not os.environ.get("SANTIAO_KAFKA"):
        if shutil.which("javac") is None:
            packages.append("default-jdk-headless")
        if shutil.which("mvn") is None and not has_kafka():
            packages.append("maven")
    if not shutil.which("systemd-analyze") and Path("/etc/debian_version").exists():
        packages.append("systemd")
    return packages


def has_kafka() -> bool:
    """True when the artifacts that the present pom names are here."""
    stamp = KAFKA_JARS / "pom.xml"
    return stamp.exists() and stamp.read_bytes() == KAFKA_POM.read_bytes()


def bring_kafka() -> None:
    """Copy Kafka, and Avro for Java, from Maven into the checkout; beside them the pom that named them, last of all."""
    if os.environ.get("SANTIAO_KAFKA") or has_kafka():
        return
    if shutil.which("mvn") is None or shutil.which("java") is None:
        say("the tests of the cluster want a JDK of 17 or later and Maven; they go on without it")
        return
    say("fetching Kafka for the tests of the cluster; the first time takes a minute")
    shutil.rmtree(KAFKA_JARS, ignore_errors=True)
    command = [
        "mvn",
        "-q",
        "-B",
        "-f",
        str(KAFKA_POM),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={KAFKA_JARS}",
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
        say(f"Maven could not; the tests go on without Kafka. By hand: {' '.join(command)}")
        return
    shutil.copy(KAFKA_POM, KAFKA_JARS / "pom.xml")


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


def bring_packages() -> None:
    """Install what is missing, or say the command that does."""
    packages = missing_packages()
    if not packages:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing for the tests: {' '.join(packages)}")
        if not install(packages):
            say(f"apt-get could not install them; the tests go on without. By hand: {command}")
        return
    say(f"the tests want {' and '.join(packages)}; on Debian or Ubuntu: sudo {command}")
    say("elsewhere install Chromium (or name one in SANTIAO_TEST_CHROMIUM), a JDK and Maven; the tests go on without")


def main() -> None:
    """Bring packages, what comes by them, and what judges `deploy/`."""
    bring_packages()
    bring_kafka()
    fetch_linters(say)


if __name__ == "__main__":
    main()
