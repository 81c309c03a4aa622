"""Who calls: a good key and nothing else; one who guesses or asks too often waits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from santiao.api.rate import Buckets
from santiao.pool.access import RateRule
from tests.api.conftest import Served, served_hub
from tests.architecture.sources import ROOT


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Basic abc", "Bearer K0123456789.nothing", "bearer x", "Bearer " + "A" * 5000],
)
def test_without_a_good_key_nothing_is_said(served: Served, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = served.client.get("/v1/cases", headers={**headers, "Santiao-Purpose": "handle"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] in ("auth.missing", "auth.unknown")


def test_a_key_is_asked_for_before_anything_is_read(served: Served) -> None:
    for path in (
        "/v1/records/court",
        "/v1/records/nobody",
        "/v1/cases/x/close",
        "/v1/links/confirm",
        "/v1/quarantine/replay",
    ):
        assert served.client.post(path, content=b"{").status_code == 401, path
    for path in (
        "/v1/cases",
        "/v1/cases/x",
        "/v1/feed",
        "/v1/referrals",
        "/v1/links",
        "/v1/quarantine",
        "/v1/disclosures",
    ):
        assert served.client.get(path).status_code == 401, path


def test_a_revoked_key_is_refused_at_once(served: Served) -> None:
    issued = served.hub.registry.issue_key("court")
    headers = {"Authorization": f"Bearer {issued.key}", "Santiao-Purpose": "handle"}
    assert served.client.get("/v1/cases", headers=headers).status_code == 200
    served.hub.registry.revoke_key(issued.key_id)
    assert served.client.get("/v1/cases", headers=headers).status_code == 401


@pytest.mark.parametrize("actor", ["章测试", "a b", "x" * 65, "'--"])
def test_an_actor_is_an_id_and_never_a_name(served: Served, actor: str) -> None:
    told = {**served.headers("court", "handle"), "Santiao-Actor": actor}
    headers = {name.encode(): value.encode() for name, value in told.items()}
    answer = served.client.get("/v1/cases", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "actor.form")


def test_quarantine_is_the_operators(served: Served) -> None:
    assert served.client.get("/v1/quarantine", headers=served.headers("court")).status_code == 403
    assert served.client.get("/v1/quarantine", headers=served.headers("mediation-centre")).status_code == 403
    dispatcher = served.headers("mediation-centre", actor="dispatcher")
    assert served.client.get("/v1/quarantine", headers=dispatcher).status_code == 403
    operator = served.headers("mediation-centre", actor="operator")
    assert served.client.get("/v1/quarantine", headers=operator).status_code == 200


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[Served]:
    """A hub whose city lets nobody hurry."""
    city = tmp_path / "city"
    city.mkdir()
    for path in (ROOT / "deploy" / "city").iterdir():
        if path.name != "access.yaml":
            (city / path.name).symlink_to(path)
    told = yaml.safe_load((ROOT / "deploy" / "city" / "access.yaml").read_text(encoding="utf-8"))
    told["default_rate"] = told["stranger_rate"] = {"per_second": 0.01, "burst": 3}
    (city / "access.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    with served_hub(tmp_path / "home", city=city) as found:
        yield found


def test_one_who_asks_too_often_waits_and_others_do_not(hurried: Served) -> None:
    answers = [hurried.get("/v1/cases", "court") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "rate.exceeded"
    assert int(answers[-1].headers["Retry-After"]) > 1
    assert hurried.get("/v1/cases", "petitions").status_code == 200


def test_one_who_guesses_keys_waits(hurried: Served) -> None:
    statuses = [hurried.client.get("/v1/cases", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert [hurried.client.post("/v1/hooks/hotline-12345", content=b"{}").status_code for _ in range(2)] == [429, 429]


def test_a_bucket_fills_again_and_no_further_than_its_burst() -> None:
    now = 0.0
    buckets, rule = Buckets(lambda: now), RateRule(per_second=2, burst=3)
    assert [buckets.take("a", rule) for _ in range(4)] == [0, 0, 0, 1]
    now = 0.5
    assert [buckets.take("a", rule) for _ in range(2)] == [0, 1]
    now = 1000.0
    assert [buckets.take("a", rule) for _ in range(4)] == [0, 0, 0, 1]


def test_buckets_are_bounded_in_number() -> None:
    buckets, rule = Buckets(), RateRule(per_second=1, burst=1)
    for number in range(20_100):
        buckets.take(str(number), rule)
    assert len(buckets._levels) == 20_000
