"""Deadlines that count the working days of a company's calendar (``resource.calendar``)."""

from datetime import datetime, time, timedelta

import pytz


def deadline(calendar, start, days):
    """End of the last of ``days`` working days after the day of ``start``.

    :param calendar: ``resource.calendar``; without one every day is a working day
    :param datetime start: moment from which the time runs, naive UTC
    :param int days: number of working days
    :return: naive UTC datetime
    """
    if not calendar or days < 1:
        return start + timedelta(days=max(days, 0))
    zone = pytz.timezone(calendar.tz or "UTC")
    tomorrow = pytz.utc.localize(start).astimezone(zone).date() + timedelta(days=1)
    first = zone.localize(datetime.combine(tomorrow, time.min))
    day = (calendar.plan_days(days, first, compute_leaves=True) or first).date()
    morning, night = (zone.localize(datetime.combine(day, at)) for at in (time.min, time.max))
    hours = calendar._work_intervals_batch(morning, night)[False]
    due = max((stop for _start, stop, _meta in hours), default=night)
    return due.astimezone(pytz.utc).replace(tzinfo=None)


def halfway(calendar, start, end):
    """Moment at which half of the working time between two moments has passed.

    :param calendar: ``resource.calendar``; without one every hour is working time
    :param datetime start: naive UTC
    :param datetime end: naive UTC
    :return: naive UTC datetime
    """
    if not calendar:
        return (start + (end - start) / 2).replace(microsecond=0)
    first, last = (pytz.utc.localize(moment) for moment in (start, end))
    hours = calendar.get_work_hours_count(first, last)
    middle = calendar.plan_hours(hours / 2, first, compute_leaves=True) if hours else False
    return middle.astimezone(pytz.utc).replace(microsecond=0, tzinfo=None) if middle else end
