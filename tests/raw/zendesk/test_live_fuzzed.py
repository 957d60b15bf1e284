"""Whatever Zendesk's API puts into a field, the desk lands, or one sentence says why not."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.landing import complete_tables
from control_tower.raw.validation import ContractError
from control_tower.raw.zendesk import ZendeskError
from tests.examples import examples
from tests.raw.zendesk.fake_zendesk import FakeZendesk
from tests.raw.zendesk.fetching import fetch
from tests.raw.zendesk.live_desk import desk, end_of

_TICKETS = 2

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.just("2026-13-45T99:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


class _Altering(FakeZendesk):
    """A Zendesk of which one answer has one value altered within its records.

    `which` answer and, level by level, which part of it: shares of one of those there are. The
    last level with a share is the one that is altered.
    """

    which = 0
    turns: Sequence[float] = ()
    value: Any = None

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, dict[str, Any]]:
        status, content = super().answer(path, query)
        self.which -= 1
        content = _copied(content)
        lists = [held for held in content.values() if isinstance(held, list) and held]
        if self.which == -1 and lists:
            self._alter(lists)
        return status, content

    def _alter(self, part: Any) -> None:
        turns = [*self.turns]
        while True:
            keys = sorted(part) if isinstance(part, dict) else range(len(part))
            key = keys[int(turns.pop(0) * len(keys))]
            if turns and isinstance(part[key], (dict, list)) and part[key]:
                part = part[key]
                continue
            part[key] = self.value
            return


@settings(max_examples=examples(25), deadline=None)
@given(
    which=st.integers(0, 12),
    turns=st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=6),
    value=values,
)
def test_whatever_a_field_holds_is_landed_or_refused(
    tmp_path_factory: pytest.TempPathFactory, which: int, turns: list[float], value: Any
) -> None:
    """In any stream, at any depth; what breaks the contract is the gate's to tell."""
    sentence = ""
    with _Altering(desk(_TICKETS), now=end_of(_TICKETS)) as server:
        server.which, server.turns, server.value = which, turns, value
        try:
            complete_tables(fetch(server.address, tmp_path_factory.mktemp("live")))
        except (ContractError, ZendeskError) as error:
            sentence = str(error)
    assert "\n" not in sentence


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(held) for key, held in value.items()}
    return [_copied(held) for held in value] if isinstance(value, list) else value
