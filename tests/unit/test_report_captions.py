"""Snakemake's own report has a caption for every display, in step with the registry and readable as it is rendered."""

from pathlib import Path

import jinja2
import pytest
from docutils.core import publish_parts
from introprog.displays.registry import registry
from introprog.readme import plan_of
from introprog.report_captions import FOLDER, caption_of, captions, main

ROOT = Path(__file__).parents[2]
ENTRIES = registry()


def test_the_captions_are_in_step_with_the_registry():
    """If this fails: PYTHONPATH=workflow/scripts python -m introprog.report_captions"""
    found = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / FOLDER).glob("*")}
    assert found == captions(ROOT)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_caption_as_rendered_says_title_and_caption_in_both_languages(name):
    template = jinja2.Template((ROOT / FOLDER / f"{name}.rst").read_text(encoding="utf-8"))
    page = publish_parts(template.render(), writer="html", settings_overrides={"report_level": 5})["body"]
    text = page.replace("&quot;", '"').replace("&amp;", "&").replace("&lt;", "<")
    words = " ".join(text.split())
    for language in ("nb", "en"):
        assert ENTRIES[name]["title"][language] in words
        assert ENTRIES[name]["caption"][language] in words
    assert f'<span class="pre">{name}</span>' in page and "system-message" not in page


def test_signs_of_markup_come_out_as_they_are():
    entry = ENTRIES["F-C4"] | {"title": {"nb": "a*b {x} |c|", "en": "`d` e_ \\"}}
    page = publish_parts(jinja2.Template(caption_of("F-C4", entry)).render(), writer="html")["body"]
    assert "a*b {x} |c|" in page and "`d` e_ \\" in page and "system-message" not in page


def test_every_output_in_the_report_has_its_own_caption():
    plan = plan_of(ROOT)
    shown = plan.batch_shown(["F-C4", "T-C5"])
    for one in shown.values():
        assert (ROOT / "workflow" / "rules" / one["caption"]).is_file()
        assert one["labels"]["display"] in one["caption"] and "caption" not in one["labels"]


def test_what_is_gone_from_the_registry_goes(tmp_path):
    (tmp_path / "workflow").mkdir()
    for name in ("displays.yaml", "report"):
        (tmp_path / "workflow" / name).symlink_to(ROOT / "workflow" / name) if name.endswith("yaml") else (
            tmp_path / "workflow" / name
        ).mkdir()
    main(tmp_path)
    (tmp_path / FOLDER / "F-Z9.rst").write_text("old")
    main(tmp_path)
    assert sorted(p.name for p in (tmp_path / FOLDER).glob("*")) == sorted(captions(ROOT))
