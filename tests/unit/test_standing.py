"""A step keeps its results exactly while they are as made and all that it reads is as it was."""

import pandas as pd
import pytest
from introprog.standing import digest_frame, stands, vouch


@pytest.fixture
def made(tmp_path):
    """Results with their stamp, and what they were made from."""
    outputs = [str(tmp_path / name) for name in ("rates.csv", "models.csv")]
    for path in outputs:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write("a,b\n1,2\n")
    basis = {"rows": pd.DataFrame({"x": [1.0, None]}), "settings": {"definition": "official", "code": "abc"}}
    stamp = tmp_path / "private" / "step.json"
    vouch(stamp, basis, outputs)
    return stamp, basis, outputs


def test_results_stand_while_nothing_has_changed(made):
    stamp, basis, outputs = made
    copied = {"rows": basis["rows"].copy(), "settings": dict(reversed(basis["settings"].items()))}
    assert stands(stamp, copied, reversed(outputs))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": pd.DataFrame({"x": [1.0 + 1e-15, None]})},
        {"rows": pd.DataFrame({"x": [1.0, 0.0]})},
        {"settings": {"definition": "official", "code": "edited"}},
        {"more": {}},
    ],
)
def test_a_changed_basis_is_noticed(made, change):
    stamp, basis, outputs = made
    assert not stands(stamp, {**basis, **change}, outputs)


@pytest.mark.parametrize("harm", ["altered", "removed", "stamp removed", "stamp cut short", "another result asked for"])
def test_results_that_are_not_as_made_do_not_stand(made, harm, tmp_path):
    stamp, basis, outputs = made
    victim = tmp_path / "rates.csv"
    if harm == "altered":
        victim.write_text("a,b\n1,3\n", encoding="utf-8")
    if harm == "removed":
        victim.unlink()
    if harm == "stamp removed":
        stamp.unlink()
    if harm == "stamp cut short":
        stamp.write_bytes(stamp.read_bytes()[:50])
    if harm == "another result asked for":
        outputs = outputs[:1]
    assert not stands(stamp, basis, outputs)


def test_numbers_that_differ_beyond_what_their_table_holds_are_others():
    numbers = pd.DataFrame({"group": ["a", "b"], "share": [0.1, 1 / 3], "n": [7, 9]})
    assert digest_frame(numbers) == digest_frame(numbers.copy())
    for other in (
        numbers.assign(share=[0.1, 1 / 3 + 1e-15]),
        numbers.assign(n=[7.0, 9.0]),
        numbers[::-1],
        numbers.rename(columns={"n": "m"}),
        numbers.assign(group=pd.Categorical(["a", "b"], ["b", "a"])),
    ):
        assert digest_frame(other) != digest_frame(numbers)
