"""What a YAML file or a block of config.yaml says to a computation: without the words that only people read.

A step that depends on this instead of on the file is not redone for a label or for the wording of a question.
"""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: str | Path) -> object:
    """What a YAML file of the project holds; with libyaml where it is there, which takes a tenth of the time."""
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=LOADER)


def without_words(value: object, keys: Collection[str]) -> object:
    """``value`` less every entry of a mapping, however deep, whose key is among ``keys``."""
    if isinstance(value, Mapping):
        return {key: without_words(part, keys) for key, part in value.items() if key not in keys}
    if isinstance(value, list):
        return [without_words(part, keys) for part in value]
    return value


def content_hash(path: str | Path, keys: Collection[str]) -> str:
    """SHA-256 of what a YAML file holds besides ``keys``; of its bytes when it is no YAML, which its reader will tell.

    Comments and spaces do not count; the order of entries does, since readers may go by it.
    """
    data = Path(path).read_bytes()
    try:
        held = yaml.load(data, Loader=LOADER)
    except (yaml.YAMLError, ValueError):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha256(repr(without_words(held, keys)).encode()).hexdigest()
