"""Whatever order files, markers and polls come in: every complete file is read once, and every hole in the numbers is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.transports.drop import Reader, Sender, name_of
from tests.connectors.transports.hand_clock import HandClock

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["file", "marker", "resend", "clear", "poll", "crash"]),
        st.integers(1, 6),
        st.sampled_from([20260313, 20260314]),
    ),
    max_size=30,
)


@given(steps=STEPS)
def test_every_complete_file_is_read_once_and_every_hole_is_told(
    steps: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    sender = Sender(tmp_path_factory.mktemp("drop"))
    reader = Reader(str(sender.folder), HandClock())
    written = 0
    texts: dict[str, str] = {}
    complete: set[str] = set()
    found: list[str] = []
    for act, number, day in steps:
        name = name_of(number, day)
        if act == "file" or (act == "resend" and name in texts):
            written += 1
            texts[name] = f"{name} {written}"
            sender.write(name, texts[name])
        elif act == "marker":
            sender.write(name_of(number, day, "ok"), "")
            complete.add(name)
        elif act == "clear" and texts.get(name) in found:
            (sender.folder / name).unlink()
            del texts[name]
        elif act == "poll":
            found += reader.poll()
        elif act == "crash":
            for page in reader.files.read(str(sender.folder), reader.watermark):
                reader.watermark = page.watermark
                found += [item.raw.decode() for item in page.items]
                break
    found += reader.poll()
    assert {text for name, text in texts.items() if name in complete} <= set(found)
    assert not {text for name, text in texts.items() if name not in complete} & set(found)
    assert len(found) == len(set(found))
    assert reader.poll() == []
    known = set(texts) | {text.split()[0] for text in found}
    for day in (20260313, 20260314):
        numbers = {number for number in range(1, 7) if name_of(number, day) in known}
        holes = set(range(1, max(numbers, default=0))) - numbers
        assert {told for told in reader.state("gaps").split(",") if told.startswith(str(day))} == {
            f"{day}:{hole}" for hole in holes
        }
