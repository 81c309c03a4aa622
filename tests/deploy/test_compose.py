"""The compose file: valid by the specification's own schema; every role in it; nothing asked for that does not exist."""

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from tests.deploy.promises import DEPLOY, ROLES, command_fault, unknown_settings

COMPOSE = DEPLOY / "docker" / "compose.yaml"
FILE: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
SERVICES: dict[str, Any] = FILE["services"]
OWN = {name: service for name, service in SERVICES.items() if service["image"].startswith("santiao:")}


def specification() -> dict[str, Any]:
    """Return the schema of the Compose specification, as the package that collects such schemas carries it."""
    found = importlib.util.find_spec("check_jsonschema")
    assert found is not None
    assert found.submodule_search_locations
    vendor = Path(found.submodule_search_locations[0]) / "builtin_schemas" / "vendor"
    schema: dict[str, Any] = json.loads((vendor / "compose-spec.json").read_text())
    return schema


def test_it_is_valid() -> None:
    jsonschema.validate(FILE, specification())


def test_the_schema_would_find_something() -> None:
    bad = {**FILE, "services": {**SERVICES, "api": {**SERVICES["api"], "ports": "8000"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, specification())


def test_every_role_runs() -> None:
    commands = [service.get("command") for service in OWN.values()]
    for role in ROLES:
        assert ["worker", "--only", role] in commands, role
    assert ["api"] in commands


def test_every_command_exists() -> None:
    for name, service in OWN.items():
        told = service["command"]
        for words in [shlex.split(line)[1:] for line in told[0].split("&&")] if "entrypoint" in service else [told]:
            assert not command_fault(words), (name, command_fault(words))


def test_connectors_that_are_asked_exist() -> None:
    for name in OWN["connect"]["command"][1:]:
        assert (DEPLOY.parent / "connectors" / name / "connector.yaml").exists(), name


def test_every_setting_exists() -> None:
    for name, service in OWN.items():
        assert not unknown_settings(service["environment"]), name


def test_images_are_named_by_version() -> None:
    for name, service in SERVICES.items():
        assert re.search(r":v?\d+\.\d+[\w.-]*$", service["image"]), (name, service["image"])


def test_ours_can_do_nothing_but_their_work() -> None:
    for name, service in OWN.items():
        assert service["user"] == "10001:10001", name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_nothing_starts_before_what_it_needs() -> None:
    for name, service in OWN.items():
        needs = service["depends_on"]
        if name == "prepare":
            assert {each["condition"] for each in needs.values()} == {"service_healthy"}
        else:
            assert needs == {"prepare": {"condition": "service_completed_successfully"}}, name
            assert "healthcheck" in service, name
    assert {"healthcheck"} <= set(SERVICES["postgres"]) & set(SERVICES["kafka"])


def test_no_password_is_written_down_and_nothing_listens_beyond_this_machine() -> None:
    assert not re.search(r"PASSWORD: (?!\$\{)", COMPOSE.read_text())
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
