"""The outcomes person by person, in plain Python: slow, and written only to be read and compared with."""

import calendar
from datetime import date, timedelta

PRECEDENCE = ("21", "22", "32", "31", "33", "34")


def november_week(year, day=16):
    reference = date(year, 11, day)
    monday = reference - timedelta(days=reference.weekday())
    return monday, monday + timedelta(days=6)


def months_later(start, months):
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def when(block, horizon, leaver):
    """Reference date and reference window."""
    if block["moment"] == "november":
        year = leaver["exit_year"] + horizon
        return date(year, 11, 16), *november_week(year)
    day = months_later(leaver["end_date"], horizon)
    return day, day, day


def overlapping(spells, first, last):
    return [s for s in spells if s["first_date"] <= last and (s["last_date"] is None or s["last_date"] >= first)]


def whereabouts(spells, day, end_of_data):
    """Reason and municipality."""
    if day > end_of_data:
        return "not_yet", None
    here = [s for s in spells if s["first_date"] <= day and (s["last_date"] is None or s["last_date"] >= day)]
    if here:
        return "resident", max(here, key=lambda s: s["first_date"])["municipality"]
    before = [s for s in spells if s["last_date"] is not None and s["last_date"] < day]
    if not before:
        return "no_residence", None
    reason = max(before, key=lambda s: s["last_date"])["end_reason"]
    return (reason if reason in ("emigrated", "died") else "no_residence"), None


def status_and_success(block, horizon, leaver, person, amounts):
    day, first, last = when(block, horizon, leaver)
    jobs = overlapping(person["employment"], first, last)
    courses = overlapping(person["education"], first, last)
    benefits = {s["state"] for s in overlapping(person["welfare"], first, last)}
    income = next((r for r in person["income"] if r["year"] == day.year), None)
    hours = sum(j["weekly_hours"] for j in jobs if j["weekly_hours"] is not None)
    employed = bool(jobs) and (block["min_hours"] == 0 or hours >= block["min_hours"])
    studies = {
        "any": bool(courses),
        "beyond_compulsory": any(3 <= c["level"] <= 8 for c in courses),
        "none": False,
    }[block["education"]]
    assisted = income is not None and (income["social_assistance_months"] or 0) > 0
    if employed:
        status = "15" if studies else "11"
    elif studies:
        status = "05"
    elif benefits:
        status = next(s for s in PRECEDENCE if s in benefits)
    elif assisted:
        status = "35"
    else:
        status = "80" if income is not None or jobs or courses else "08"
    success = status in ("11", "15", "05")
    if block["earnings_g"] is not None:
        earned = income["earnings"] or 0 if income is not None else 0
        success = earned >= block["earnings_g"] * amounts.get(day.year, float("inf"))
    if block["no_social_assistance"] and assisted:
        success = False
    return day, status, success


def outcome(block, horizon, leaver, person, amounts, end_of_data):
    """(reference_date, status, success, in_denominator, reason, municipality) of one person."""
    if block["moment"] == "exit":
        day = leaver["end_date"]
        _, here = whereabouts(person["residence"], day, end_of_data)
        cause = leaver["end_cause"]
        schools = {"any": ("education", "compulsory_school"), "beyond_compulsory": ("education",), "none": ()}
        if cause == "work":
            status = "11"
        elif cause in schools[block["education"]]:
            status = "05"
        else:
            status = "08" if cause in ("missing", "auto_closed") else "80"
        place = here if block["geography"] == "present" else leaver["municipality"]
        return day, status, status in ("11", "05"), True, "resident", place
    day, status, success = status_and_success(block, horizon, leaver, person, amounts)
    reason, here = whereabouts(person["residence"], day, end_of_data)
    step = 1 if block["moment"] == "november" else 12
    needed = [horizon - step * i for i in range(block["novembers"])]
    if reason != "not_yet" and needed[-1] <= 0 and block["novembers"] > 1:
        reason = "not_applicable"
    for at in needed[1:]:
        if at > 0:
            then, _, achieved = status_and_success(block, at, leaver, person, amounts)
            success = success and achieved and whereabouts(person["residence"], then, end_of_data)[0] == "resident"
    counted = reason == "resident"
    if block["denominator"] == "all_leavers":
        counted = reason in ("resident", "emigrated", "died", "no_residence")
    place = (here if reason == "resident" else None) if block["geography"] == "present" else leaver["municipality"]
    value = (success and reason == "resident") if counted else None
    return day, status if reason == "resident" else None, value, counted, reason, place
