"""What the committed text may say: no machine of anybody's, no host but the known, no person but the invented, no secret."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.architecture.sources import ROOT, text_files

# Hosts that the text may name, and why. Names reserved for examples (RFC 2606, RFC 6761), loopback and link-local need no reason.
KNOWN_HOSTS: dict[str, str] = {
    "www.apache.org": "the licence's own text",
    "www.w3.org": "names of XML and SVG vocabularies",
    "schemas.openxmlformats.org": "names of spreadsheet vocabularies",
    "json-schema.org": "names of schema dialects",
    "keepachangelog.com": "the form of the changelog",
    "semver.org": "the meaning of version numbers",
    "cloudevents.io": "the standard that messages follow",
}
RESERVED = re.compile(
    r"(^|\.)(example(\.[a-z]+)*|invalid|test|localhost|local)$|^127\.|^\[::1\]|^0\.0\.0\.0|^169\.254\."
)
URL_HOST = re.compile(r"\bhttps?://([^\s/\"'`<>()\[\]{}|\\,;$]*)", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.~}\])-])/(?:home|root|Users|work)/[\w.-]+")
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}\b")
RESIDENT_NUMBER = re.compile(
    r"(?<![\dA-Za-z])([1-9]\d{5})((?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(\d{3})([\dXx])(?![\dA-Za-z])"
)
MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
# The one division that belongs to nobody: numbers built on it can be no resident's.
TEST_DIVISION = "340398"


def host_faults(text: str) -> Iterator[str]:
    for match in URL_HOST.finditer(text):
        host = re.sub(r"^.*@|:\d*$", "", match[1].rstrip(".")).lower()
        if host and host not in KNOWN_HOSTS and not RESERVED.search(host):
            yield host


def is_valid_number(digits: str) -> bool:
    """True when the check digit of an 18-digit resident number (GB 11643) fits."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits[:17]))
    return "10X98765432"[total % 11] == digits[17].upper()


def resident_faults(text: str) -> Iterator[str]:
    for match in RESIDENT_NUMBER.finditer(text):
        if match[1] != TEST_DIVISION and is_valid_number(match[0]):
            yield f"{match[1]}…"


def test_only_known_hosts_are_named() -> None:
    found = sorted({f"{path}: {host}" for path, text in text_files() for host in host_faults(text)})
    assert not found, f"leave it out, use example.org, or give KNOWN_HOSTS a reason: {found}"


def test_no_path_of_somebodys_machine_is_named() -> None:
    found = sorted({f"{path}: {match[0]}" for path, text in text_files() for match in MACHINE_PATH.finditer(text)})
    assert not found, f"write it relative to the checkout: {found}"


def test_no_secret_is_committed() -> None:
    found = [
        str(path)
        for path, text in text_files()
        if SECRET.search(text) and path != Path("tests/architecture/test_text.py")
    ]
    assert not found, f"make it at run time: {found}"


def test_every_person_is_invented() -> None:
    found = sorted({f"{path}: {fault}" for path, text in text_files() for fault in resident_faults(text)})
    assert not found, f"a valid resident number outside {TEST_DIVISION} could be somebody's: {found}"


def test_every_link_between_documents_leads_somewhere() -> None:
    found = []
    for path, text in text_files():
        if path.suffix != ".md":
            continue
        for match in MARKDOWN_LINK.finditer(text):
            target = unquote(match[1].partition("#")[0])
            if target and "://" not in target and not target.startswith("mailto:"):
                resolved = (ROOT / path.parent / target).resolve()
                if not resolved.exists() or not resolved.is_relative_to(ROOT):
                    found.append(f"{path}: {match[1]}")
    assert not found, f"the file is not there: {found}"


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://hub.example.org/a and http://127.0.0.1:8000", []),
        ("curl HTTPS-packages.somewhere.net/simple", ["packages.somewhere.net"]),
        ("HTTPS-user:secret@inside.lan:8443/", ["inside.lan"]),
        ('f"http://{host}:{port}"', []),
    ],
)
def test_an_unknown_host_is_found(text: str, hosts: list[str]) -> None:
    # Spelt apart above, because this file is read by its own rule.
    assert list(host_faults(text.replace("HTTPS-", "https://"))) == hosts


def test_a_resident_number_is_known_by_its_check_digit() -> None:
    body = "34039819900307001"
    check = next(digit for digit in "0123456789X" if is_valid_number(body + digit))
    assert not list(resident_faults(body + check))
    elsewhere = "110105" + body[6:]
    check = next(digit for digit in "0123456789X" if is_valid_number(elsewhere + digit))
    assert list(resident_faults(f"number {elsewhere}{check}."))
    assert not list(resident_faults(f"{elsewhere}{(int(check) + 1) % 10 if check.isdigit() else 0}"))
