"""The demo checks each of its steps itself; what it must not do is fail."""

from tests.e2e.processes import HOLDFAST, output

_TOLD = (
    "1. A firewall rule is widened",
    "exactly this plan and no other",
    "the sweep looked again: exempt until",
    "the live state decides",
    "Every step happened",
)


async def test_the_demo_tells_its_story_to_the_end() -> None:
    printed = await output(HOLDFAST, "demo")
    assert [words for words in _TOLD if words not in printed] == []
