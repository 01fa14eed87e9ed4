"""The jobs of the calibration study: cells (true correlation by number of municipalities) and chunks of replicates."""

from collections.abc import Mapping

REFERENCE = {"municipalities": 1000, "replicates": 20}


def study_jobs(settings: Mapping) -> dict[str, dict]:
    """Name of every job of the cells to its true_correlation, municipalities and replicates [first, stop)."""
    total, chunks = settings["replicates"], min(settings["chunks"], settings["replicates"])
    bounds = [round(total * part / chunks) for part in range(chunks + 1)]
    return {
        f"{_name(correlation, count)}_{part + 1}": _job(correlation, count, bounds[part], bounds[part + 1])
        for correlation in settings["true_correlations"]
        for count in settings["municipalities"]
        for part in range(chunks)
    }


def reference_jobs(settings: Mapping) -> dict[str, dict]:
    """The same for studies so large that they show what each estimator tends to; one job a true correlation."""
    count, total = REFERENCE["municipalities"], REFERENCE["replicates"]
    return {f"reference_{_name(c, count)}": _job(c, count, 0, total) for c in settings["true_correlations"]}


def _name(correlation: float, municipalities: int) -> str:
    return f"r{correlation:g}_m{municipalities}"


def _job(correlation: float, municipalities: int, first: int, stop: int) -> dict:
    return {"true_correlation": float(correlation), "municipalities": municipalities, "replicates": [first, stop]}
