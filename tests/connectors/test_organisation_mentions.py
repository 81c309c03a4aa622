"""Organisations told in prose: where their names begin, with and without a table that knows the place."""

import pytest

from santiao.connectors.lexicon import load_lexicon
from santiao.connectors.organisation_mentions import OrganisationFinder

FINDER = OrganisationFinder(load_lexicon(), ("蚌埠市", "蚌埠", "龙子湖区", "蚌山区"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("在蚌埠市千里家具有限公司上班", ["蚌埠市千里家具有限公司"]),
        ("110转接，另一方当事人蚌埠市众邦歌厅，未动手", ["蚌埠市众邦歌厅"]),
        ("多名顾客反映龙子湖区嘉禾眼镜店搬走了", ["龙子湖区嘉禾眼镜店"]),
        ("把老人送到蚌山区华美老年公寓图个放心", ["蚌山区华美老年公寓"]),
        ("业主反映云泽市顺通物业服务有限公司分公司不开电梯", ["云泽市顺通物业服务有限公司分公司"]),
        ("另一方当事人云泽市智联劳务分包有限公司", ["云泽市智联劳务分包有限公司"]),
        ("和云泽市千里家具店签了合同", ["云泽市千里家具店"]),
        ("物业公司不管，社区居委会也不管", []),
        ("某公司拖欠工资，该公司已搬走", []),
        ("到派出所报案，法院已立案", []),
        ("本地市场的摊位，小区的超市", []),
    ],
)
def test_organisations_in_prose(text: str, expected: list[str]) -> None:
    assert [text[each.start : each.end] for each in FINDER.find(text)] == expected
