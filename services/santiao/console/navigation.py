"""The pages there are to go to, and what each of them shows: who is granted nothing of it is not offered the page."""

import msgspec

from santiao.pool.access import Resource


class Entry(msgspec.Struct, frozen=True):
    """One entry of the navigation. `needs` is what the page shows; one that is nothing of any case needs no purpose."""

    place: str
    icon: str
    zh: str
    en: str
    needs: Resource
    is_of_cases: bool = True
    is_of_city: bool = False
    """Only for who reaches the whole city's cases."""


ENTRIES = (
    Entry("/worklist", "list", "工作台", "Worklist", Resource.CASES),
    Entry("/links", "link", "关联研判", "Linking", Resource.LINKS),
    Entry("/designations", "flag", "指定规则", "Rules", Resource.CASES, is_of_city=True),
    Entry("/statistics", "chart", "统计", "Statistics", Resource.STATISTICS),
    Entry("/feeds", "pulse", "数据通道", "Feeds", Resource.FEED_HEALTH, is_of_cases=False),
)
