"""Dates and times of spreadsheets as their cells show them: a number of days, printed by the tokens of a format."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

Token = tuple[str, str]
"""(kind, text) of a piece of a number format: date, elapsed, noon, digit, point, literal …"""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = "一二三四五六日"
_MAX_DATE = 2_958_466  # the day after 9999-12-31


def is_date(number: Decimal) -> bool:
    """Whether a spreadsheet shows it as a date at all."""
    return 0 <= number < _MAX_DATE


def show_date(tokens: tuple[Token, ...], number: Decimal, epoch_1904: bool) -> str:
    """`number`: days since the first day of the file's calendar, their fraction is the time of day."""
    fraction_digits = _fraction_digits(tokens)
    step = Decimal(1).scaleb(-fraction_digits)
    seconds = (number % 1 * 86_400).quantize(step, ROUND_HALF_UP)
    days = int(number)
    if seconds >= 86_400:
        days, seconds = days + 1, seconds - 86_400
    moment = _day(days, epoch_1904) + timedelta(seconds=int(seconds))
    day_29_february_1900 = days == 60 and not epoch_1904
    shown: list[str] = []
    noon = any(kind == "noon" for kind, _ in tokens)
    last_time = ""
    for index, (kind, text) in enumerate(tokens):
        if kind == "date":
            minutes = text in ("m", "mm") and (last_time == "h" or _seconds_follow(tokens, index))
            part = _minute(moment, text) if minutes else _date_part(moment, text, noon, day_29_february_1900)
            last_time = text[0] if text[0] in "hs" else ""
            shown.append(part)
        elif kind == "elapsed":
            total = days * 86_400 + int(seconds)
            count = total // {"h": 3600, "m": 60, "s": 1}[text[0]]
            last_time = text[0]
            shown.append(str(count).rjust(len(text), "0"))
        elif kind == "noon":
            shown.append({"上": "上午/下午", "A": "AM/PM", "a": "AM/PM"}[text[0]].split("/")[moment.hour >= 12])
        elif kind == "digit":
            continue
        elif kind == "point":
            rest = format(seconds % 1, "f").partition(".")[2]
            shown.append("." + rest if fraction_digits and rest else "." if not fraction_digits else "")
        elif kind != "at":
            shown.append(text)
    return "".join(shown).strip()


def _fraction_digits(tokens: tuple[Token, ...]) -> int:
    """Digits of the second: `ss.00` has two."""
    kinds = [kind for kind, _ in tokens]
    if "point" not in kinds:
        return 0
    count = 0
    for kind in kinds[kinds.index("point") + 1 :]:
        if kind != "digit":
            break
        count += 1
    return min(count, 3)


def _day(days: int, epoch_1904: bool) -> datetime:
    """Excel counts a 29 February 1900 that never was: from 1 March on its days are one too many."""
    if epoch_1904:
        return datetime(1904, 1, 1) + timedelta(days=days)  # noqa: DTZ001 - a date on paper has no zone
    return datetime(1899, 12, 31 if days < 60 else 30) + timedelta(days=days)  # noqa: DTZ001


def _seconds_follow(tokens: tuple[Token, ...], index: int) -> bool:
    return next((text[0] == "s" for kind, text in tokens[index + 1 :] if kind in ("date", "elapsed")), False)


def _minute(moment: datetime, text: str) -> str:
    return f"{moment.minute:02d}" if len(text) == 2 else str(moment.minute)


def _date_part(moment: datetime, text: str, noon: bool, leap_1900: bool) -> str:
    letter, length = text[0], len(text)
    if letter in "ye":
        return f"{moment.year % 100:02d}" if text == "yy" else str(moment.year)
    if letter == "m":
        names = {3: _MONTHS[moment.month - 1], 4: _MONTHS[moment.month - 1], 5: _MONTHS[moment.month - 1][0]}
        return names.get(length) or (f"{moment.month:02d}" if length == 2 else str(moment.month))
    if letter == "d":
        day = 29 if leap_1900 else moment.day
        return f"星期{_DAYS[moment.weekday()]}" if length > 2 else f"{day:02d}" if length == 2 else str(day)
    if letter == "a":
        return ("星期" if length == 4 else "") + _DAYS[moment.weekday()]
    value = moment.second if letter == "s" else (moment.hour - 1) % 12 + 1 if noon else moment.hour
    return f"{value:02d}" if length == 2 else str(value)
