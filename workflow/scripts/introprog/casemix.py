"""Case mix in three tiers: who the participants were; + what the programme held; + organisation and labour market.

Nested logits say what goes together with success; the variance between municipalities before and after says how much
of their differences the composition accounts for; indirect standardisation gives each municipality the result it would
have with the national composition. Coefficients for standardisation are estimated within municipalities. Participants
are not placed at random, so adjusted differences describe; the third tier also adjusts away what a municipality may
itself decide, so the tiers stand side by side.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from introprog.design import Design, complete_cases, design_of, gather_covariates
from introprog.errors import InputError, Problem
from introprog.intervals import wilson
from introprog.margins import average_marginal_effects
from introprog.patterns import fit_pattern_logit
from introprog.random_intercept import fit_random_intercept, latent_share
from introprog.within_logit import WithinFit, effect_groups, fit_within_logit, set_level

NO_MAXIMUM = "not estimable: the covariates foretell the outcome fully"
TIERS = ("person", "programme", "local")
COLUMNS = ["model", "definition", "horizon", "term", "estimate", "std_error", "ci_low", "ci_high", "p_value", "n",
           "clusters", "dof", "odds_ratio", "or_low", "or_high", "ame", "ame_std_error", "ame_low", "ame_high",
           "method"]  # fmt: skip


def adjust_case_mix(
    leavers: pd.DataFrame,
    outcomes: pd.DataFrame,
    municipalities: pd.DataFrame,
    casemix: Mapping,
    exit_years: Sequence[int],
    definition: str,
    minimum: int,
    confidence: float = 0.95,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nested models and adjusted rates for leavers of ``exit_years`` at ``casemix['horizon']``.

    Inputs: contract sections 3, 4 and ``municipalities`` of 2; ``casemix``: config block; ``minimum``: persons a
    municipality needs for an effect of its own. Returns the model table (``COLUMNS``) and the rates (``municipality,
    tier, n, successes, expected, rate, ci_low, ci_high``). The year of leaving is in every model. Raises ``InputError``
    when nobody is observed or a covariate does not exist.
    """
    every = [v for tier in TIERS for v in casemix[tier]]
    frame = observed_leavers(leavers, outcomes, definition, casemix["horizon"], exit_years)
    frame = gather_covariates(frame, municipalities, every)
    whole = complete_cases(frame, every)
    used = frame[whole].reset_index(drop=True)
    keys = {"definition": definition, "horizon": casemix["horizon"]}
    if len(used) < 2 or used["success"].nunique() < 2 or used["municipality"].nunique() < 2:
        reason = "not estimable: too few leavers with known covariates and both outcomes"
        rows = [{"model": t, **keys, "term": "constant", "n": len(used), "method": reason} for t in ("none", *TIERS)]
        return pd.DataFrame(rows, columns=COLUMNS), _rates(frame, {}, confidence)
    sample = _Sample(used, confidence, minimum)
    parts = [_left_out(keys, int((~whole).sum()), len(used)), _variance(sample, sample.design([]), "none", keys)]
    variables, predicted = [], {}
    for tier in TIERS:
        variables += casemix[tier]
        design = sample.design(variables)
        parts += [_nested(sample, design, tier, keys), _variance(sample, design, tier, keys)]
        if tier != "local":
            parts.append(_within(sample, design, tier, keys))
        predicted[tier] = _expected(sample, design, casemix["local"] if tier == "local" else [])
    expected = {t: pd.Series(p).groupby(used["municipality"].to_numpy()).sum() for t, p in predicted.items()}
    return pd.concat(parts, ignore_index=True)[COLUMNS], _rates(frame, expected, confidence, used)


def observed_leavers(
    leavers: pd.DataFrame, outcomes: pd.DataFrame, definition: str, horizon: int, exit_years: Sequence[int]
) -> pd.DataFrame:
    """Included leavers of ``exit_years`` counted at the horizon, with ``success`` (0/1) and the outcome's municipality.

    Raises ``InputError`` when there is none.
    """
    at = (outcomes["definition"] == definition) & (outcomes["horizon"] == horizon)
    at &= outcomes["exit_year"].between(*exit_years)
    rows = outcomes.loc[at & outcomes["in_denominator"].fillna(False).astype(bool) & outcomes["success"].notna(),
                        ["person_id", "municipality", "success"]]  # fmt: skip
    people = leavers[leavers["included"].fillna(False).astype(bool)].drop(columns="municipality")
    frame = people.merge(rows, on="person_id", how="inner", validate="one_to_one")
    if frame.empty:
        what = f"nobody who left in {exit_years[0]}-{exit_years[1]} is observed at horizon {horizon} ({definition})"
        hint = "comparison: exit_years and casemix: horizon must lie within what the outcomes cover"
        raise InputError([Problem("outcomes", "X2", what, hint=hint)])
    return frame.astype({"success": "int8"}).sort_values("person_id", ignore_index=True)


class _Sample:
    """The persons of all tiers, the same in each, with what every model needs of them."""

    def __init__(self, frame: pd.DataFrame, confidence: float, minimum: int):
        self.frame, self.confidence = frame, confidence
        self.success = frame["success"].to_numpy(dtype=float)
        self.clusters = pd.factorize(frame["municipality"], sort=True)[0]
        self.count = int(self.clusters.max()) + 1
        self.effects = effect_groups(frame["municipality"], frame["county"], self.success, minimum)

        self._within: dict[tuple[str, ...], WithinFit] = {}

    def design(self, variables: Sequence[str]) -> Design:
        return design_of(self.frame, [*variables, "exit_year"], self.success)

    def within(self, design: Design, without: Sequence[str] = ()) -> WithinFit:
        """Logit with municipality effects on the design's columns, those of the variables ``without`` left out.

        Fitted once for the same columns: the coefficients that are shown also standardise the results.
        """
        kept = [t.variable not in without for t in design.columns]
        names = tuple(t.name for t, keep in zip(design.columns, kept, strict=True) if keep)
        if names not in self._within:
            covariates = design.matrix[:, 1:][:, kept]
            self._within[names] = fit_within_logit(covariates, self.success, self.effects, self.clusters)
        return self._within[names]


def _nested(sample: _Sample, design: Design, model: str, keys: Mapping) -> pd.DataFrame:
    """Logit with cluster-robust errors: log-odds, odds ratios and average marginal effects."""
    fit = fit_pattern_logit(design.matrix, sample.success, sample.clusters)
    table = _coefficients(fit.estimate, fit.covariance, ["constant", *(t.name for t in design.columns)], sample)
    effects = average_marginal_effects(design, fit.estimate, fit.covariance)
    half = _critical(sample) * effects["ame_std_error"]
    effects["ame_low"], effects["ame_high"] = effects["ame"] - half, effects["ame"] + half
    table = table.merge(effects, on="term", how="left")
    how = "logit, clustered on municipality" if fit.converged else NO_MAXIMUM
    table["method"] = how
    if not fit.converged:
        table.loc[:, "estimate":"p_value"] = np.nan
        table.loc[:, "odds_ratio":"or_high"] = table.loc[:, "ame":"ame_high"] = np.nan
    rows = pd.concat([table, _missing(design)]).set_index("term")
    ordered = rows.loc[["constant", *(t.name for t in design.terms)]].reset_index()
    return ordered.assign(model=model, **keys).reindex(columns=COLUMNS)


def _within(sample: _Sample, design: Design, tier: str, keys: Mapping) -> pd.DataFrame:
    fit = sample.within(design)
    table = _coefficients(fit.coefficients, fit.covariance, [t.name for t in design.columns], sample)
    how = f"logit with {fit.groups} municipality effects, clustered on municipality"
    still = table["estimate"].isna()
    table["method"] = np.where(still, "not estimable: no variation within municipalities", how)
    if not fit.converged:
        table["method"] = NO_MAXIMUM
        table.loc[:, "estimate":"p_value"] = table.loc[:, "odds_ratio":"or_high"] = np.nan
    return table.assign(model=f"{tier}_within", **keys).reindex(columns=COLUMNS)


def _coefficients(beta: np.ndarray, covariance: np.ndarray, names: list[str], sample: _Sample) -> pd.DataFrame:
    from scipy.special import stdtr

    table = pd.DataFrame({"term": names, "estimate": beta, "std_error": np.sqrt(np.diag(covariance))})
    half = _critical(sample) * table["std_error"]
    table["ci_low"], table["ci_high"] = table["estimate"] - half, table["estimate"] + half
    table["p_value"] = 2 * stdtr(sample.count - 1, -(table["estimate"] / table["std_error"]).abs())
    for name, source in (("odds_ratio", "estimate"), ("or_low", "ci_low"), ("or_high", "ci_high")):
        table[name] = np.exp(table[source])
    table["n"], table["clusters"], table["dof"] = len(sample.success), sample.count, sample.count - 1
    return table


def _critical(sample: _Sample) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(sample.count - 1, (1 + sample.confidence) / 2))


def _missing(design: Design) -> pd.DataFrame:
    """Rows for reference levels (log-odds nil) and for terms that cannot be estimated."""
    terms = [t for t in design.terms if t not in design.columns]
    rows = pd.DataFrame({"term": [t.name for t in terms], "missing": [t.missing for t in terms]})
    reference = rows["missing"] == "reference"
    rows["method"] = np.where(reference, "reference", "not estimable: " + rows.pop("missing"))
    for name, value in (("estimate", 0.0), ("odds_ratio", 1.0), ("ame", 0.0)):
        rows[name] = np.where(reference, value, np.nan)
    return rows


def _variance(sample: _Sample, design: Design, model: str, keys: Mapping) -> pd.DataFrame:
    """Variance between municipalities given the model's covariates, and its share on the latent scale.

    Covariates stretch the logit scale, so variances and ``icc`` of different models do not compare;
    ``municipality_share`` has what the covariates account for in the denominator and does (Snijders and Bosker 2012,
    Multilevel Analysis, section 17.3).
    """
    fit = fit_random_intercept(design.matrix, sample.success, sample.clusters, confidence=sample.confidence)
    values = {"estimate": fit.variance, "ci_low": fit.variance_low, "ci_high": fit.variance_high}
    shares = {name: latent_share(value) for name, value in values.items()}
    explained = float(np.var(design.matrix @ fit.coefficients))
    whole = {name: value / (value + explained + np.pi**2 / 3) for name, value in values.items()}
    terms = (("municipality_variance", values), ("icc", shares), ("municipality_share", whole))
    rows = [{"term": term, **estimates} for term, estimates in terms]
    frame = pd.DataFrame(rows).assign(model=model, n=len(sample.success), clusters=sample.count, **keys)
    frame["method"] = "random-intercept logit, likelihood limits" + ("" if fit.converged else "; not converged")
    return frame.reindex(columns=COLUMNS)


def _left_out(keys: Mapping, number: int, used: int) -> pd.DataFrame:
    row = {"model": "none", **keys, "term": "persons_left_out", "estimate": number, "n": used}
    return pd.DataFrame([{**row, "method": "covariate not known"}]).reindex(columns=COLUMNS)


def _expected(sample: _Sample, design: Design, local: Sequence[str]) -> np.ndarray:
    """Probability of success of each person with the municipality effects evened out.

    Person and programme coefficients are the within ones; what varies only between municipalities is estimated with
    those held, in a random-intercept model. The level is set so that expected and observed successes agree in all.
    """
    shared = np.array([t.variable not in local for t in design.columns], dtype=bool)
    covariates = design.matrix[:, 1:]
    fit = sample.within(design, local)
    line = covariates[:, shared] @ np.nan_to_num(fit.coefficients)
    if (~shared).any():
        between = np.column_stack([np.ones(len(line)), covariates[:, ~shared]])
        line = line + between @ fit_random_intercept(between, sample.success, sample.clusters, line).coefficients
    return set_level(line, sample.success)


def _rates(
    frame: pd.DataFrame, expected: Mapping[str, pd.Series], confidence: float, used: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Indirectly standardised rates, observed / expected x national; Wilson limits of the observed rate on that scale.

    The observed tier counts everybody, the others those with known covariates. A rate cannot exceed 1.
    """
    tables = []
    for tier in ("observed", *expected):
        people = frame if tier == "observed" else used
        national = float(people["success"].mean())
        table = people.groupby("municipality", sort=True)["success"].agg(n="size", successes="sum").astype("int64")
        table["expected"] = table["n"] * national if tier == "observed" else expected[tier]
        low, high = wilson(table["successes"], table["n"], confidence)
        factor = (table["n"] * national / table["expected"]).to_numpy()
        table["rate"] = np.minimum(factor * table["successes"] / table["n"], 1)
        table["ci_low"], table["ci_high"] = np.minimum(factor * low, 1), np.minimum(factor * high, 1)
        table.insert(0, "tier", tier)
        tables.append(table.reset_index())
    return pd.concat(tables, ignore_index=True)
