"""Which rules read the raw extracts, and where what they have read waits until all of them have passed.

A run in which one extract is faulty must leave everything as it was. So the reading rules write to a waiting room, and
one rule moves all tables into their places when the last of them has been read.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from introprog.places import PLACES, PRIVATE

WAITING = "reading"
SURVEYS = "surveys"
READERS = {
    "clean_registers": (
        "persons", "programmes", "residence", "education", "welfare", "income", "municipalities", "quality_log",
        "read_log",
    ),
    "clean_employment": ("employment", "employment_quality_log", "employment_read_log"),
    "clean_survey": ("survey_responses", "survey_frame", "survey_keys", "survey_quality_log", "survey_read_log"),
}  # fmt: skip
# What is known to need no survey; of any other table it is taken that it does.
WITHOUT_SURVEYS = frozenset(
    (
        *READERS["clean_registers"], *READERS["clean_employment"], "leavers", "flow", "outcomes", "region_status",
        "panel", "public_panel", "statbank_days", "status_by_group", "reconciliation", "signal", "rank_correlation",
        "target_changes", "forecast", "ranks", "funnel", "target_verdicts", "casemix", "adjusted_rates", "states",
        "chronogram", "incidence", "elapsed", "specifications", "end_cause_bounds", "moves", "surrogate", "settlement",
        "organisation", "employed_by_trait", "employed_by_place", "municipality_profile", "rules", "published",
        "published_sources", "countries", "county_tiles", "ledger",
    )
)  # fmt: skip


def readers(registry: Mapping[str, Mapping], displays: Iterable[str]) -> list[str]:
    """The reading rules that must pass before ``displays`` are made: without a display of a survey, none is read."""
    needed = {name for display in displays for name in registry[display]["needs"]}
    return [rule for rule in READERS if rule != "clean_survey" or needed - WITHOUT_SURVEYS]


def waiting(path: str, private: str) -> str:
    """Where the table with the place ``path`` waits, under the folder ``private``."""
    return f"{private}/{WAITING}/{PurePosixPath(path).name}"


class ReadingPlan:
    """The part of a plan that speaks of what is read before anything is made."""

    source: str
    registry: Mapping[str, Mapping]
    displays: Sequence[str]
    surveyed: bool
    matched_registers = ("persons", "residence", "employment", "education", "welfare", "income")

    def staged(self, reader: str) -> dict[str, str]:
        """Where the tables of a reading rule wait until all extracts have been read."""
        return {name: waiting(PLACES[name], PRIVATE) for name in READERS[reader]}

    @property
    def readers(self) -> list[str]:
        """The reading rules that must have passed before anything else is made."""
        needed = readers(self.registry, self.displays)
        return needed if self.surveyed else [name for name in needed if name != "clean_survey"]

    def read_first(self, displays: Sequence[str]) -> dict[str, str]:
        """What displays of published figures wait for, so that a faulty input leaves them too as they were."""
        if self.source == "synthetic" or not any(self.registry[d].get("data") == "published" for d in displays):
            return {}
        return {"read_first": PLACES["region_status" if self.source == "statbank" else "read_log"]}
