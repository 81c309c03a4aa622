"""What is sealed: a party as one record tells of it, and a version's narrative. Written here, opened only by the pool."""

import msgspec

from santiao.domain.records import MoneyField, Party, Place, TextField


class NarrativeSecret(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Free text of a version, with the place and the columns nobody declared."""

    title: TextField | None = None
    narrative: TextField | None = None
    claim: TextField | None = None
    place_text: TextField | None = None
    place: Place | None = None
    amount: MoneyField | None = None
    handler: TextField | None = None
    extra: dict[str, str] = {}


encode_secret = msgspec.msgpack.Encoder().encode
decode_party = msgspec.msgpack.Decoder(Party).decode
decode_narrative = msgspec.msgpack.Decoder(NarrativeSecret).decode
