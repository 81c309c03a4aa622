"""Every connector gives what its samples must, the samples cover the catalogue of nasty realities, and a difference is named."""

import json
import re
import shutil
from pathlib import Path

import pytest

from santiao.connectors.check import check
from santiao.connectors.declaration import DeclarationFault


def test_every_sample_gives_what_it_must(declarations: Path, regions: Path) -> None:
    report = check(declarations, regions=regions)
    assert report.is_good, [str(each) for each in report.differences]
    assert len(report.connectors) == 6
    assert report.items > 70


def test_the_samples_cover_what_a_delivery_can_hold(declarations: Path) -> None:
    shown = " ".join(
        told
        for path in declarations.glob("*/samples/expected.json")
        for sample in json.loads(path.read_text()).values()
        for told in sample["shows"]
    )
    # N20, N21 and N25 are about reports, deadlines and answers to us: no item of a delivery shows them.
    expected = {f"N{number}" for number in range(1, 25)} - {"N20", "N21"}
    assert expected <= set(re.findall(r"N\d+", shown))


def test_a_difference_names_sample_item_and_field(tmp_path: Path, declarations: Path, regions: Path) -> None:
    folder = tmp_path / "connectors"
    shutil.copytree(declarations, folder)
    expected = folder / "court" / "samples" / "expected.json"
    told = json.loads(expected.read_text())
    told["pages"]["items"][0]["record"]["body"]["stage"]["hub_code"] = "open"
    del told["pages"]["items"][-1]
    expected.write_text(json.dumps(told, ensure_ascii=False))
    report = check(folder, regions=regions, name="court")
    assert [str(each) for each in report.differences] == [
        f"court/pages: {len(told['pages']['items']) + 1} items instead of {len(told['pages']['items'])}",
        'court/pages page-0001.json#1: /record/body/stage/hub_code is "mediating", expected "open"',
    ]


def test_a_connector_without_samples_is_no_good_one(tmp_path: Path, declarations: Path, regions: Path) -> None:
    shutil.copytree(declarations / "court", tmp_path / "court", ignore=shutil.ignore_patterns("samples"))
    assert not check(tmp_path, regions=regions).is_good


def test_an_unknown_name_is_told(declarations: Path, regions: Path) -> None:
    with pytest.raises(DeclarationFault, match="known are court"):
        check(declarations, regions=regions, name="nobody")
