"""Opening hours in a mapping: zone, weekly hours and holidays."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Final, Self
from zoneinfo import available_timezones

import holidays as public_holidays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from control_tower.raw.event_log.errors import closest

__all__ = ["WEEKDAYS", "Holidays", "Schedule", "ZoneName", "minutes_of_day"]

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_MINUTES_PER_DAY = 24 * 60


def _zone(name: str) -> str:
    zones = available_timezones()
    if name not in zones:
        hint = closest(name, zones) or "; use a name such as Europe/Berlin or UTC"
        raise ValueError(f"{name!r} is not an IANA time zone{hint}")
    return name


ZoneName = Annotated[str, AfterValidator(_zone)]
"""The name of an IANA time zone."""


def minutes_of_day(hours: str) -> tuple[int, int]:
    """Return opening and closing of hours written `09:00-17:30`, in minutes of the day.

    Raises:
        ValueError: If the text is not such hours, or they end before they begin.
    """
    found = _HOURS.fullmatch(hours.strip())
    if found is None:
        raise ValueError(f"{hours!r} are not opening hours; write them as 09:00-17:30")
    first_hour, first_minute, last_hour, last_minute = (int(part) for part in found.groups())
    opens, closes = first_hour * 60 + first_minute, last_hour * 60 + last_minute
    if not opens < closes <= _MINUTES_PER_DAY or max(first_minute, last_minute) > 59:
        raise ValueError(
            f"{hours!r} do not end after they begin on the same day; "
            "split hours that cross midnight into two days"
        )
    return opens, closes


class Holidays(BaseModel):
    """Days without opening hours: a country's public holidays, dates of the desk's own, or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str | None = None
    subdivision: str | None = None
    dates: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _country_is_known(self) -> Self:
        countries = public_holidays.list_supported_countries()
        if self.country is not None and self.country not in countries:
            raise ValueError(
                f"holidays of {self.country!r} are not known; use a two-letter country code such "
                "as IT, or list the days under dates"
            )
        if self.subdivision is not None and self.country is None:
            raise ValueError("subdivision is given without a country; add the country")
        if self.subdivision is not None and self.subdivision not in countries[self.country or ""]:
            raise ValueError(
                f"{self.subdivision!r} is not a subdivision of {self.country}; use one of "
                f"{', '.join(countries[self.country or '']) or 'none: it has none'}"
            )
        return self

    def days(self, first_year: int, last_year: int) -> list[date]:
        """Return the days between two years, both included, in order."""
        days = {day for day in self.dates if first_year <= day.year <= last_year}
        if self.country is not None:
            years = range(first_year, last_year + 1)
            days |= set(
                public_holidays.country_holidays(self.country, self.subdivision, years=years)
            )
        return sorted(days)


def _dates_alone(value: Any) -> Any:
    return {"dates": value} if isinstance(value, list) else value


def _one_interval(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            day: [hours] if isinstance(hours, str) else hours
            for day, hours in ((str(key).lower(), hours) for key, hours in value.items())
        }
    return value


def _hours(value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    for day, intervals in value.items():
        if day not in WEEKDAYS:
            hint = closest(day, WEEKDAYS) or "; use monday to sunday"
            raise ValueError(f"{day!r} is not a weekday{hint}")
        spans = sorted(minutes_of_day(hours) for hours in intervals)
        if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
            raise ValueError(f"the hours of {day} overlap; join or part them")
    return value


class Schedule(BaseModel):
    """When the desk is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="Opening hours", min_length=1)
    zone: ZoneName
    hours: Annotated[
        Mapping[str, tuple[str, ...]],
        BeforeValidator(_one_interval),
        AfterValidator(_hours),
        Field(min_length=1),
    ]
    holidays: Annotated[Holidays, BeforeValidator(_dates_alone)] = Holidays()
