"""The jobs of the calibration study: cells (true correlation by number of municipalities) and chunks of replicates."""

from collections.abc import Mapping

REFERENCE = {"municipalities": 1000, "replicates": 20}


def study_jobs(settings: Mapping) -> dict[str, dict]:
    """Name of every job of the cells to its true_correlation, municipalities, replicates [first, stop), models and
    composed (whether municipalities differ in who takes part)."""
    total, chunks = settings["replicates"], min(settings["chunks"], settings["replicates"])
    bounds = [round(total * part / chunks) for part in range(chunks + 1)]
    return {
        f"{_name(correlation, count)}_{part + 1}": _job(correlation, count, bounds[part], bounds[part + 1])
        for correlation in settings["true_correlations"]
        for count in settings["municipalities"]
        for part in range(chunks)
    }


def correlation_jobs(settings: Mapping) -> dict[str, dict]:
    """Further studies of every cell for the correlations and the verdict alone: from ``replicates`` to
    ``correlation_replicates``. The models cost most of the time, and the main text leans on the correlations."""
    first, stop = settings["replicates"], settings["correlation_replicates"]
    return {
        f"correlation_{_name(correlation, count)}": _job(correlation, count, first, stop) | {"models": False}
        for correlation in settings["true_correlations"]
        for count in settings["municipalities"]
        if stop > first
    }


def composed_jobs(settings: Mapping) -> dict[str, dict]:
    """The jobs of ``study_jobs`` in the composed population."""
    return {f"composed_{name}": job | {"composed": True} for name, job in study_jobs(settings).items()}


def composed_reference_jobs(settings: Mapping) -> dict[str, dict]:
    """The jobs of ``reference_jobs`` in the composed population."""
    return {f"composed_{name}": job | {"composed": True} for name, job in reference_jobs(settings).items()}


def reference_jobs(settings: Mapping) -> dict[str, dict]:
    """The same for studies so large that they show what each estimator tends to; one job a true correlation."""
    count, total = REFERENCE["municipalities"], REFERENCE["replicates"]
    return {f"reference_{_name(c, count)}": _job(c, count, 0, total) for c in settings["true_correlations"]}


def _name(correlation: float, municipalities: int) -> str:
    return f"r{correlation:g}_m{municipalities}"


def _job(correlation: float, municipalities: int, first: int, stop: int) -> dict:
    cell = {"true_correlation": float(correlation), "municipalities": municipalities}
    return cell | {"replicates": [first, stop], "models": True, "composed": False}
