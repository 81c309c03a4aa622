"""The image: judged by hadolint; what it copies is there and let into the context; it runs as nobody that matters."""

import fnmatch
import re
import subprocess

from tests.architecture.sources import ROOT
from tests.deploy.promises import DEPLOY, command_fault

DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
TEXT = DOCKERFILE.read_text()


def copied() -> list[str]:
    """Return what is copied out of the checkout."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_hadolint_finds_nothing(hadolint: str) -> None:
    done = subprocess.run([hadolint, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_would_find_something(hadolint: str) -> None:
    bad = TEXT.replace("WORKDIR /src", "WORKDIR src").replace(" --no-cache-dir", "") + "\nRUN cd /tmp && sudo ls\n"
    done = subprocess.run([hadolint, "-"], input=bad, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DL3000" in done.stdout


def test_everything_copied_is_there_and_let_into_the_context() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(source, rule) for rule in let_in), f".dockerignore keeps {source} out"
    for rule in let_in:
        assert rule in copied(), f".dockerignore lets {rule} in, and nothing copies it"


def test_the_base_is_named_to_the_patch_and_both_stages_stand_on_it() -> None:
    assert re.search(r"^ARG PYTHON_IMAGE=docker\.io/library/python:\d+\.\d+\.\d+-slim-\w+$", TEXT, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE)) == {"${PYTHON_IMAGE}"}


def test_every_package_is_installed_by_its_hash() -> None:
    installs = re.findall(r"pip install ([^\\&\n]+)", TEXT)
    assert all("--require-hashes" in each or each.strip() == "--no-deps dist/*.whl" for each in installs), installs


def test_it_runs_as_a_number_and_begins_with_a_command_that_exists() -> None:
    assert re.findall(r"^USER (\S+)$", TEXT, re.MULTILINE) == ["10001:10001"]
    begins = re.search(r'^CMD \["(\w+)"\]$', TEXT, re.MULTILINE)
    assert begins is not None
    assert not command_fault([begins[1]])
