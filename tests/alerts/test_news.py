"""What is news and what is not."""

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from control_tower.alerts.news import Alert, ClockKey, News, news_of

KEY = ClockKey(1, "first_reply_time", 1)
STOPPED: dict[str, pl.DataType | type[pl.DataType]] = {
    "ticket_id": pl.Int64,
    "metric": pl.String,
    "instance": pl.Int64,
    "remaining_minutes": pl.Float64,
    "breach_at": pl.Datetime("us", "UTC"),
    "sla_status": pl.String,
}
NOTHING = pl.DataFrame(schema=STOPPED)
URGENCY = ["watch", "high", "critical", "breached"]


def _at_risk(*rows: dict[str, Any]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "ticket_id": pl.Int64,
        "metric": pl.String,
        "instance": pl.Int64,
        "group_name": pl.String,
        "priority": pl.String,
        "clock_state": pl.String,
        "remaining_minutes": pl.Float64,
        "breach_at": pl.Datetime("us", "UTC"),
        "breach_probability": pl.Float64,
        "risk": pl.String,
        "reason": pl.String,
    }
    return pl.DataFrame(
        [
            {
                **KEY._asdict(),
                "group_name": "Tier 1 Support",
                "clock_state": "active",
                "breach_probability": 0.6,
                "reason": "why",
                **row,
            }
            for row in rows
        ],
        schema=schema,
    )


def _told(risk: str) -> dict[ClockKey, Alert]:
    return {KEY: Alert(risk, "Tier 1 Support", None)}


def _events(news: list[News]) -> list[tuple[str, str, str | None]]:
    return [(new.event, new.risk, new.previous_risk) for new in news]


def test_an_alert_opens_worsens_and_is_told_once() -> None:
    """More urgent is news; as urgent or less is none."""
    assert _events(list(news_of(_at_risk({"risk": "high"}), {}, NOTHING))) == [
        ("opened", "high", None)
    ]
    assert _events(list(news_of(_at_risk({"risk": "breached"}), _told("high"), NOTHING))) == [
        ("worsened", "breached", "high")
    ]
    for now, told in [("high", "high"), ("high", "critical"), ("breached", "breached")]:
        assert not list(news_of(_at_risk({"risk": now}), _told(told), NOTHING))


def test_a_clock_to_watch_is_no_news() -> None:
    """Nobody is called for what may well go right."""
    assert not list(news_of(_at_risk({"risk": "watch"}), {}, NOTHING))


def test_a_stopped_clock_says_how_it_ended() -> None:
    """In time, late, or gone without a word."""
    row = {**KEY._asdict(), "remaining_minutes": 34.0, "sla_status": "within_sla"}
    (in_time,) = news_of(_at_risk(), _told("critical"), pl.DataFrame([row], schema=STOPPED))
    assert in_time.event == "resolved"
    assert in_time.previous_risk == "critical"
    assert in_time.reason == "The clock stopped in time with 34 minutes to spare"
    row |= {"remaining_minutes": -150.0, "sla_status": "breached"}
    (late,) = news_of(_at_risk(), _told("breached"), pl.DataFrame([row], schema=STOPPED))
    assert late.reason == "The clock stopped, 2 h 30 min late"
    (gone,) = news_of(_at_risk(), _told("high"), NOTHING)
    assert gone.reason == "The ticket no longer has this target"


def test_an_alert_is_over_only_when_the_chance_is_well_down() -> None:
    """Between one in eight and the line that opens an alert, and while paused, it stays."""
    for chance, state, is_over in [
        (0.2, "active", False),
        (0.125, "active", False),
        (0.1, "active", True),
        (0.1, "paused", False),
    ]:
        row = {"risk": "watch", "breach_probability": chance, "clock_state": state}
        news = list(news_of(_at_risk(row), _told("high"), NOTHING))
        assert bool(news) == is_over, (chance, state)


@given(
    st.lists(
        st.dictionaries(
            st.integers(1, 4),
            st.tuples(
                st.sampled_from(URGENCY),
                st.sampled_from(["active", "paused"]),
                st.sampled_from([0.05, 0.2, 0.6]),
            ),
        ),
        max_size=8,
    )
)
def test_looking_twice_tells_nothing_new(looks: list[dict[int, tuple[str, str, float]]]) -> None:
    """Whatever happens to four clocks: after telling, the same table holds no news, every alert
    opens before it worsens or is resolved, and what is open was urgent when told.
    """
    told: dict[ClockKey, Alert] = {}
    for look in looks:
        table = _at_risk(
            *(
                {"ticket_id": ticket, "risk": risk, "clock_state": state, "breach_probability": p}
                for ticket, (risk, state, p) in look.items()
            )
        )
        for new in list(news_of(table, told, NOTHING)):
            assert (new.key in told) == (new.event != "opened")
            if new.event == "worsened":
                assert URGENCY.index(new.risk) > URGENCY.index(told[new.key].risk)
            if new.event == "resolved":
                del told[new.key]
            else:
                told[new.key] = Alert(new.risk, new.group_name, new.priority)
        assert not list(news_of(table, told, NOTHING))
        urgent = {t for t, (risk, _, _) in look.items() if risk != "watch"}
        assert urgent <= {key.ticket_id for key in told} <= set(look)
