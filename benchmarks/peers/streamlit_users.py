"""Users of a Streamlit page who each choose a filter once a second, without browsers.

Each has a session of its own over the websocket, as a browser does, and an answer has come when the
page's script has finished and all its messages are received.
"""

import random
import sys
import threading
import time
from typing import Any

import streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.telling import tell

_PERIODS = ("Last 7 days", "Last 30 days", "Last 90 days", "Last 365 days")
_PRIORITIES = ("urgent", "high", "normal", "low")


def _asked(connection: ClientConnection, chosen: dict[str, str]) -> list[ForwardMsg]:
    """Run the script with these values of its widgets; return all it sends."""
    question = BackMsg()
    question.rerun_script.query_string = ""
    for widget, value in chosen.items():
        question.rerun_script.widget_states.widgets.add(id=widget, string_value=value)
    connection.send(question.SerializeToString())
    received = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(connection.recv(timeout=60, decode=False))
        received.append(message)
        if message.WhichOneof("type") == "script_finished":
            assert message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            return received


def _elements(messages: list[ForwardMsg]) -> list[Any]:
    deltas = [one.delta for one in messages if one.WhichOneof("type") == "delta"]
    return [delta.new_element for delta in deltas if delta.HasField("new_element")]


def main(address: str, users: int, seconds: float) -> None:
    """Tell every answer's milliseconds, and the key figures the page shows at first."""
    taken: list[float] = []
    figures: dict[str, str] = {}
    errors: list[str] = []
    # All have their page before the first clicks.
    ready = threading.Barrier(users)

    def click(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - readers, not secrets
        url = f"{address.replace('http', 'ws')}/_stcore/stream"
        with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None) as connection:
            shown = _elements(_asked(connection, {}))
            errors.extend(one.exception.message for one in shown if one.HasField("exception"))
            ids = {one.selectbox.label: one.selectbox.id for one in shown if one.selectbox.id}
            figures.update({one.metric.label: one.metric.body for one in shown if one.metric.label})
            ready.wait()
            due = time.perf_counter() + number / users
            ends = time.perf_counter() + seconds
            while due < ends:
                time.sleep(max(0.0, due - time.perf_counter()))
                chosen = {ids["Period"]: chance.choice(_PERIODS)}
                if chance.random() < 0.7:
                    chosen[ids["Priority"]] = chance.choice(_PRIORITIES)
                began = time.perf_counter()
                answer = _elements(_asked(connection, chosen))
                taken.append(1000 * (time.perf_counter() - began))
                errors.extend(one.exception.message for one in answer if one.HasField("exception"))
                due += 1.0

    threads = [threading.Thread(target=click, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors or not taken:
        raise SystemExit(f"the page failed: {errors[:1]}")
    tell(answers_ms=taken, figures=figures, version=streamlit.__version__)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
