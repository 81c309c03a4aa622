"""Records as partners send them, of invented people: each file number brings people of its own, so that nothing links by chance."""

import zlib
from typing import Any

TYPE = "cn.peoples-mediation.dispute.registered.v1"
EVENT, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "安邦采达恩方光浩佳凯岚明宁鹏琪瑞"


def resident_number(serial: int) -> str:
    """A resident number of the division that belongs to nobody, with its check digit."""
    body = f"3403981985{serial // 1000 % 12 + 1:02d}15{serial % 1000:03d}"
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def person(seed: str) -> dict[str, str]:
    """A person made of a word, always the same one."""
    number = zlib.crc32(seed.encode())
    name = SURNAMES[number % 16] + GIVEN[number // 16 % 16] + GIVEN[number // 256 % 16]
    return {"name": name, "idNo": resident_number(number % 12_000), "phone": f"188{number % 10**8:08d}"}


def registered(file_no: str, *, time: str = "2026-03-10T10:00:00+08:00", **data: Any) -> dict[str, Any]:
    """A committee registers a dispute."""
    told = {
        "fileNo": file_no,
        "acceptedOn": "2026-03-10",
        "disputeType": "邻里纠纷",
        "facts": "楼上漏水，双方协商未果。",
        "region": "340302",
        "parties": [
            {"role": "申请人", "kind": "自然人", **person(f"{file_no}/a")},
            {"role": "被申请人", "kind": "自然人", **person(f"{file_no}/b")},
        ],
        **data,
    }
    return {
        "specversion": "1.0",
        "id": f"e-{file_no}",
        "source": "/committees/1",
        "type": TYPE,
        "time": time,
        "data": told,
    }
