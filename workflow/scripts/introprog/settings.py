"""The choices of the study: config.yaml checked against its schema and against itself, all faults at once."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from introprog.errors import Problem, nearest, raise_if

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.json"


def check_config(config: Mapping, schema: Mapping | None = None) -> None:
    """Check the merged config; raise ``InputError`` with every misspelt key, impossible value and contradiction."""
    schema = schema or json.loads(SCHEMA.read_text(encoding="utf-8"))
    problems = [p for e in sorted(Draft202012Validator(schema).iter_errors(config), key=_path) for p in _explain(e)]
    raise_if(list(dict.fromkeys(problems)) or list(_contradictions(config)))


def _path(error: ValidationError) -> str:
    return "/".join(map(str, error.absolute_path))


def _where(path: str) -> str:
    return "config.yaml" + (f", {path.replace('/', ': ')}" if path else "")


def _explain(error: ValidationError) -> Iterator[Problem]:
    where = _where(_path(error))
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        patterns = error.schema.get("patternProperties", {})
        for key in error.instance:
            if key in known or any(re.search(pattern, key) for pattern in patterns):
                continue
            if patterns:
                hint = "use small letters, digits and _, beginning with a letter"
                yield Problem(where, "C1", f"the name {key!r} cannot be used", hint=hint)
            else:
                yield Problem(where, "C1", f"unknown key {key!r}", hint=nearest(key, known))
    elif error.validator == "required":
        missing = [k for k in error.validator_value if k not in error.instance]
        yield Problem(
            where, "C2", f"missing key {', '.join(map(repr, missing))}", hint="copy it from the file as shipped"
        )
    elif error.validator == "enum":
        known = [str(v) for v in error.validator_value]
        yield Problem(where, "C3", f"{error.instance!r} is not possible", hint=nearest(error.instance, known))
    else:
        what = error.message if len(error.message) < 160 else f"{error.instance!r:.60} is not possible"
        yield Problem(where, "C3", what, expected=error.schema.get("description", ""))


def _contradictions(config: Mapping) -> Iterator[Problem]:
    study, definitions, waves = config["study"], config["definitions"], config["surveys"]["waves"]
    if study["first_exit_year"] > study["last_exit_year"]:
        yield Problem(_where("study"), "C4", "first_exit_year is after last_exit_year")
    if study["last_observed_year"] < study["first_exit_year"] + 1:
        yield Problem(_where("study"), "C4", "last_observed_year leaves no cohort with a November to observe")
    for path, pair in (
        ("study/age_at_start", study["age_at_start"]),
        ("comparison/exit_years", config["comparison"]["exit_years"]),
    ):
        if pair[0] > pair[1]:
            yield Problem(_where(path), "C4", f"{pair[0]} comes before {pair[1]}", expected="the smaller number first")
    primary = config["association"]["primary"]
    for path, name, known in (
        ("official_definition", config["official_definition"], definitions),
        ("association/definition", config["association"]["definition"], definitions),
        ("association/primary/definition", primary["definition"], definitions),
        ("association/primary/wave", primary["wave"], waves),
        ("integration_index/wave", config["integration_index"]["wave"], waves),
    ):
        if name not in known:
            yield Problem(_where(path), "C5", f"{name!r} is not defined", hint=nearest(name, list(known)))
    asked = config["association"]
    for name in asked["definitions"] if asked["definitions"] != "all" else ():
        if name not in definitions:
            where = _where("association/definitions")
            yield Problem(where, "C5", f"{name!r} is not defined", hint=nearest(name, list(definitions)))
    yield from _models(asked)
    for name, block in definitions.items():
        if block["moment"] == "exit" and block["horizons"] != [0]:
            yield Problem(
                _where(f"definitions/{name}"), "C4", "an exit measure has the horizon 0", expected="horizons: [0]"
            )
        if block["moment"] != "november" and block["novembers"] > 1:
            yield Problem(
                _where(f"definitions/{name}"), "C4", "novembers needs moment: november", expected="novembers: 1"
            )
    group, job = config["network"]["municipalities"], config["stable_job"]
    if isinstance(group, str) and group not in waves:
        yield Problem(
            _where("network/municipalities"), "C5", f"{group!r} is no survey wave", hint=nearest(group, list(waves))
        )
    if job["months"] > job["window"]:
        yield Problem(_where("stable_job"), "C4", f"{job['months']} months cannot be found in {job['window']}")
    if primary["horizon"] not in config["association"]["horizons"]:
        yield Problem(_where("association/primary"), "C4", "its horizon is not among association: horizons")
    if config["integration_index"]["horizon"] not in config["association"]["horizons"]:
        yield Problem(_where("integration_index"), "C4", "its horizon is not among association: horizons")


def _models(association: Mapping) -> Iterator[Problem]:
    """The model that stands for all must be a linear model of persons that is fitted for every definition."""
    name, models = association["standing"], association["models"]
    where = _where("association/standing")
    if name not in models:
        yield Problem(where, "C5", f"{name!r} is no model", hint=nearest(name, list(models)))
    elif models[name]["form"] != "linear" or models[name]["definitions"] != "all":
        yield Problem(where, "C4", f"{name!r} cannot stand for all", expected="form: linear and definitions: all")
