"""The chart: rendered by Helm, judged by Kubernetes' own schemas, and asked what a cautious operator would ask."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.deploy.promises import DEPLOY, ROLES, command_fault, unknown_settings

CHART = DEPLOY / "helm" / "santiao"
MINIMAL = {"kafka": {"bootstrap": "kafka.example.org:9092"}}
EVERYTHING: dict[str, Any] = {
    **MINIMAL,
    "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": [{"name": "registry"}]},
    "secrets": {"viewsUrl": True, "feeds": {"HOTLINE_12345": {"name": "santiao-feeds", "key": "hotline-12345"}}},
    "settings": {"LOG_LEVEL": "WARNING", "CITY": "/etc/santiao/city"},
    "city": {"configMap": "bengbu"},
    "workers": {role: {"autoscaling": {"enabled": True}} for role in ("receive", "project")},
    "connectors": {"police": {"names": ["police-110"], "sources": "police-110=postgresql://qzk.example.org/jcj"}},
    "api": {"autoscaling": {"enabled": True}, "ingress": {"enabled": True, "className": "nginx"}},
    "networkPolicy": {
        "apiFrom": [{"namespaceSelector": {"matchLabels": {"role": "gateway"}}}],
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"role": "monitoring"}}}],
        "agencies": [{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}],
    },
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "santiao", "operator": "Exists"}],
    "podAnnotations": {"team": "mediation"},
}
# The oldest that the chart says it runs on, and a recent one.
KUBERNETES = ("1.27", "1.33")
Render = Callable[[dict[str, Any]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def render(helm: str) -> Render:
    """What Helm makes of the chart with these values."""

    def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
        command = [helm, "template", "hub", str(CHART), "--namespace", "mediation", "--values", "-"]
        done = subprocess.run(command, input=yaml.safe_dump(values), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [each for each in yaml.safe_load_all(done.stdout) if each]

    return rendered


def pods(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the pods that Deployments and Jobs make, by component."""
    for each in manifests:
        if each["kind"] in ("Deployment", "Job"):
            yield each["metadata"]["labels"]["app.kubernetes.io/component"], each["spec"]["template"]["spec"]


def of_kind(manifests: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each["spec"] for each in manifests if each["kind"] == kind}


def test_helm_lints_it(helm: str) -> None:
    command = [helm, "lint", "--strict", "--quiet", str(CHART), "--set", "kafka.bootstrap=kafka.example.org:9092"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("values", [MINIMAL, EVERYTHING], ids=["minimal", "everything"])
@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_knows_all_of_it(render: Render, values: dict[str, Any], version: str) -> None:
    for manifest in render(values):
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schemas_would_find_something(render: Render) -> None:
    deployment = next(each for each in render(MINIMAL) if each["kind"] == "Deployment")
    deployment["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES[-1], strict=True)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "bootstrap"),
        ({**MINIMAL, "workers": {"sweep": {"replicas": 1, "resources": {}}}}, "sweep"),
        ({**MINIMAL, "workers": {"receive": {"replicas": 0}}}, "replicas"),
        ({**MINIMAL, "workers": {"receive": {"autoscaling": {"enabled": True, "max": 99}}}}, "nothing to read"),
        ({**MINIMAL, "connectors": {"police": {"names": ["police-110"]}}}, "sources"),
    ],
    ids=["no kafka", "unknown role", "no replica", "more workers than partitions", "no source"],
)
def test_values_that_cannot_work_are_refused(helm: str, values: dict[str, Any], told: str) -> None:
    command = [helm, "template", "hub", str(CHART), "--values", "-"]
    done = subprocess.run(command, input=yaml.safe_dump(values), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert told in done.stderr


def test_every_role_runs_and_every_command_exists(render: Render) -> None:
    commands = {}
    for component, pod in pods(render(EVERYTHING)):
        (container,) = pod["containers"]
        lines = [container["args"]]
        if "command" in container:
            lines = [line.split()[1:] for line in container["args"][0].split("&&")]
        for words in lines:
            assert not command_fault(words), (component, command_fault(words))
        commands[component] = container["args"]
    for role in ROLES:
        assert commands[role] == ["worker", "--only", role]
    assert commands["api"] == ["api"]
    assert commands["connect-police"] == ["connect", "police-110"]


def test_every_setting_exists_and_secrets_are_referred_to(render: Render) -> None:
    for component, pod in pods(render(EVERYTHING)):
        environment = {each["name"]: each for each in pod["containers"][0]["env"]}
        assert not unknown_settings(environment), component
        for name in ("SANTIAO_STORE_URL", "SANTIAO_KEYS_URL", "SANTIAO_VIEWS_URL", "SANTIAO_SECRET_HOTLINE_12345"):
            assert "secretKeyRef" in environment[name]["valueFrom"], (component, name)


def test_pods_can_do_nothing_but_their_work(render: Render) -> None:
    for component, pod in pods(render(MINIMAL)):
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True, component
        assert pod["automountServiceAccountToken"] is False, component
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, component
        assert {"cpu", "memory"} <= set(container["resources"]["requests"]), component
        assert container["resources"]["limits"]["memory"], component


def test_what_runs_is_watched_and_has_time_to_end(render: Render) -> None:
    for component, pod in pods(render(MINIMAL)):
        (container,) = pod["containers"]
        stop = next(int(each["value"]) for each in container["env"] if each["name"] == "SANTIAO_STOP_SECONDS")
        assert pod["terminationGracePeriodSeconds"] > stop
        probes = {name: container.get(f"{name}Probe", {}) for name in ("startup", "liveness", "readiness")}
        if component == "prepare":
            assert not any(probes.values())
        else:
            assert probes["readiness"]["httpGet"]["path"] == "/health/ready", component
            assert probes["liveness"]["httpGet"]["path"] == "/health/live", component
            ports = {each["name"] for each in container["ports"]}
            assert {probe["httpGet"]["port"] for probe in probes.values()} == ports, component


def test_budgets_keep_all_but_one_and_hold_up_no_node(render: Render) -> None:
    manifests = render({**MINIMAL, "workers": {"timers": {"replicas": 1}}})
    budgets = of_kind(manifests, "PodDisruptionBudget")
    deployments = of_kind(manifests, "Deployment")
    alone = {name for name, spec in deployments.items() if spec["replicas"] == 1}
    assert alone == {"hub-santiao-deliver", "hub-santiao-timers"}
    assert set(budgets) == set(deployments) - alone
    for name, spec in budgets.items():
        assert spec["maxUnavailable"] == 1
        assert spec["selector"] == deployments[name]["selector"]


def test_workers_scale_on_what_waits_and_not_beyond_partitions(render: Render) -> None:
    scalers = of_kind(render(EVERYTHING), "HorizontalPodAutoscaler")
    assert set(scalers) == {"hub-santiao-receive", "hub-santiao-project", "hub-santiao-api"}
    metric = scalers["hub-santiao-receive"]["metrics"][0]["external"]["metric"]
    assert metric["name"] == "santiao_partition_lag_records"
    assert metric["selector"]["matchLabels"] == {"topic": "santiao.records"}
    prefixed = render({**EVERYTHING, "settings": {"TOPIC_PREFIX": "bengbu."}})
    metric = of_kind(prefixed, "HorizontalPodAutoscaler")["hub-santiao-project"]["metrics"][0]["external"]["metric"]
    assert metric["selector"]["matchLabels"] == {"topic": "bengbu.santiao.case-events"}
    deployments = of_kind(render(EVERYTHING), "Deployment")
    assert "replicas" not in deployments["hub-santiao-receive"], "a fixed number would undo the scaler at each upgrade"


def test_the_schema_is_prepared_before_anything_starts(render: Render) -> None:
    (job,) = [each for each in render(MINIMAL) if each["kind"] == "Job"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    line = job["spec"]["template"]["spec"]["containers"][0]["args"][0]
    assert line == "santiao migrate && santiao topics create --partitions 12 --replication 3"


def test_the_api_alone_is_let_in_and_health_is_not_published(render: Render) -> None:
    manifests = render(EVERYTHING)
    policies = of_kind(manifests, "NetworkPolicy")
    assert policies["hub-santiao"]["policyTypes"] == ["Ingress", "Egress"]
    (figures,) = policies["hub-santiao"]["ingress"]
    assert [each["port"] for each in figures["ports"]] == [9464]
    (api,) = policies["hub-santiao-api"]["ingress"]
    assert [each["port"] for each in api["ports"]] == [8000]
    assert len(api["from"]) == 2
    assert policies["hub-santiao-connect-police"]["egress"] == EVERYTHING["networkPolicy"]["agencies"]
    (ingress,) = of_kind(manifests, "Ingress").values()
    assert [each["path"] for each in ingress["rules"][0]["http"]["paths"]] == ["/v1", "/console"]
