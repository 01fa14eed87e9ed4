"""docs/variables.md says what the codebooks say."""

from introprog.variable_tables import variable_page
from raw_extracts import CODEBOOK, ROOT

PAGE = variable_page(CODEBOOK)


def test_the_page_is_in_step_with_the_codebooks():
    command = "PYTHONPATH=workflow/scripts python -m introprog.variable_tables data/codebook docs/variables.md"
    assert (ROOT / "docs" / "variables.md").read_text(encoding="utf-8") == PAGE, f"write it again: {command}"


def test_every_variable_item_and_rule_is_on_the_page():
    for extract in CODEBOOK.extracts.values():
        for column in extract.columns.values():
            assert column.label["nb"] in PAGE
    for form in CODEBOOK.instruments.values():
        assert all(item.text["en"] in PAGE for item in form.items.values())
    assert all(f"| `{name}` |" in PAGE for name in CODEBOOK.rules)


def test_slots_are_told_once_and_codes_with_their_meaning():
    assert "`tiltak_1`" in PAGE and "`tiltak_2`" not in PAGE and "`HELT_LEDIG` 21" in PAGE
    assert "characters 44-49: a date like 161115" in PAGE
