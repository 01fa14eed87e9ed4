"""The PxWeb client against a service on this machine, its refusals, its faults, and the real figures of table 10824."""

import json
import os
from itertools import chain, product, repeat
from pathlib import Path

import pytest
from introprog import pxweb
from introprog.errors import InputError
from introprog.jsonstat2 import Unusable, codes_of, merge, parse_dataset, stated
from introprog.statbank import read_statbank
from pandas.testing import assert_frame_equal
from pxweb_server import FILES, PxWeb, Table, made_up_cells, real_cells, serving

QUERY = {
    "Region": ["0", "[0-9][0-9]", "[0-9][0-9][0-9][0-9]"],
    "Kjonn": "*",
    "IntroAvbrudd": "*",
    "Arbeidsmarkedsstatus": ["00", "1", "2", "3"],
    "ContentsCode": ["DeltakereProg"],
    "Tid": "*",
}
A_REGION = 3 * 5 * 4
FAULTS = ["away", "broken", "cut", "reset", "page", "other", "short", "misfit", "described", "slow"]


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(PxWeb(Table(made_up_cells()))) as running:
        yield running


@pytest.fixture
def waits():
    return []


@pytest.fixture
def fetch(service, waits, tmp_path):
    def call(query=QUERY, directory=tmp_path / "10824", **options):
        settings = {"pause": 1.0, "retries": 3, "timeout": 0.2, "sleep": waits.append, **options}
        return pxweb.fetch(settings.pop("url", service.url), directory, query, **settings)

    return call


def cells_of(paths):
    data = merge([parse_dataset(path.read_bytes()) for path in paths])
    keys = product(*codes_of(data).values())
    return {k: data["status"].get(str(i), v) for i, (k, v) in enumerate(zip(keys, data["value"]))}


def printed(cells):
    return {k: int(v) if v.isdigit() else v for k, v in cells.items()}


def test_every_cell_and_symbol_comes_in_its_place(fetch, service):
    paths = fetch()
    assert [p.name for p in paths] == ["2014_0-0104.json", "2015_0-0104.json"]
    assert cells_of(paths) == printed(service.table.cells)


def test_an_answer_is_kept_byte_for_byte(fetch, service):
    path = fetch()[0]
    asked = service.queries[0]
    assert path.read_bytes() == json.dumps(service.table.answer(asked)).encode()


@pytest.mark.parametrize("refusal", [403, 404, 413, 400])
def test_a_refused_query_is_asked_in_smaller_pieces_and_the_size_is_learnt(fetch, service, refusal):
    service.max_cells, service.refusal = 2 * A_REGION, refusal
    paths = fetch()
    sizes = [len(q["Region"]) for q in service.queries]
    assert sizes == [6, 3, 1, 1, 1, 1, 1, 1, *[1] * 6]
    assert cells_of(paths) == printed(service.table.cells)


def test_a_known_limit_is_never_exceeded_and_pieces_are_even(fetch, service):
    service.max_cells = 4 * A_REGION
    fetch(max_cells=4 * A_REGION)
    assert [len(q["Region"]) for q in service.queries] == [3, 3, 3, 3]


def test_a_service_that_refuses_one_region_is_reported(fetch, service):
    service.max_cells = 10
    with pytest.raises(InputError, match=r"even 60 cells \(2014, 0\) are refused: HTTP 403 «Too many values selected»"):
        fetch()
    assert len(service.queries) == 3
    service.max_cells = 800_000
    assert len(fetch()) == 2, "a service closed for a while says nothing of its limit"


def test_the_learnt_limit_is_remembered(fetch, service):
    service.max_cells = 3 * A_REGION
    service.faults = [None, None, *["away"] * 4]
    with pytest.raises(InputError):
        fetch()
    service.queries.clear()
    fetch()
    assert max(len(q["Region"]) for q in service.queries) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_is_tried_again_and_nothing_wrong_is_kept(fetch, service, waits, fault):
    service.faults = [fault, fault]
    assert cells_of(fetch()) == printed(service.table.cells)
    assert len(service.queries) == 4
    assert waits == [1.0, 1.0, 2.0, 1.0]


def test_the_wait_that_the_service_asks_for_is_kept_by_its_own_clock(fetch, service, waits):
    service.faults = ["busy", "busy_until"]
    fetch()
    assert waits == [1.0, 7.0, 11.0, 1.0]


def test_a_wait_too_long_ends_the_run_and_keeps_what_came(fetch, service):
    service.faults = [None, "busy_for_long"]
    with pytest.raises(InputError, match=r"asks to wait 3,600 seconds[\s\S]*what came is kept"):
        fetch()
    assert len(service.queries) == 2
    fetch()
    assert [q["Tid"] for q in service.queries] == [["2014"], ["2015"], ["2015"]]


def test_waits_double_and_stop_at_the_longest(fetch, service, waits):
    service.faults = ["away"] * 5
    fetch(retries=5, longest_wait=6.0)
    assert waits == [1.0, 1.0, 2.0, 4.0, 6.0, 6.0, 1.0]


def test_after_the_last_attempt_the_message_says_what_came_and_how_to_go_on(fetch, service):
    service.faults = [None, *["away"] * 4]
    with pytest.raises(InputError) as caught:
        fetch()
    text = str(caught.value)
    assert "asked for Tid 2015, 6 codes of Region; 1 answers came before" in text
    assert service.url in text and "4 attempts failed; the last: HTTP 503" in text and "statbank: path" in text


def test_no_connection_is_reported_without_a_traceback(fetch):
    with pytest.raises(InputError, match=r"no connection: .*[\s\S]*without a network"):
        fetch(url="http://127.0.0.1:9/api/v0/no/table/10824", retries=0)


def test_a_rejected_query_is_not_tried_again(fetch, service):
    service.faults = ["wrong"]
    with pytest.raises(InputError, match=r"HTTP 400 «The request for variable 'Kjonn' has an error»"):
        fetch()
    assert len(service.queries) == 1


def test_a_table_that_is_not_there_is_reported(fetch, service):
    with pytest.raises(InputError, match="does not give this table: HTTP 404"):
        fetch(url=service.url.replace("10824", "99999"))


@pytest.mark.parametrize("url", ["file:///etc/hosts", "10824", "https:///table", ""])
def test_only_web_addresses_are_asked(fetch, url):
    with pytest.raises(InputError, match="is no web address"):
        fetch(url=url)


def test_a_moved_address_is_asked_the_same_query(fetch, service):
    service.url = service.url.replace("/api", "/moved/api")
    assert cells_of(fetch()) == printed(service.table.cells)


def test_a_second_call_makes_no_request(fetch, service):
    first = {p: p.read_bytes() for p in fetch()}
    before = (service.gets, len(service.queries))
    assert {p: p.read_bytes() for p in fetch()} == first
    assert (service.gets, len(service.queries)) == before


def test_an_interrupted_run_asks_only_for_the_rest(fetch, service, tmp_path):
    service.max_cells = 3 * A_REGION
    service.faults = [None, None, None, *["away"] * 4]
    with pytest.raises(InputError):
        fetch()
    came = sorted(p.name for p in (tmp_path / "10824").glob("20*.json"))
    assert came == ["2014_0-0101.json", "2014_0102-0104.json"]
    service.queries.clear()
    paths = fetch()
    assert [(q["Tid"], len(q["Region"])) for q in service.queries] == [(["2015"], 3), (["2015"], 3)]
    assert cells_of(paths) == printed(service.table.cells)


@pytest.mark.parametrize("damage", ["half", "changed", "gone"])
def test_a_damaged_piece_is_fetched_anew(fetch, service, damage):
    path = fetch()[0]
    whole = path.read_bytes()
    if damage == "half":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "changed":
        path.write_bytes(whole.replace(b'"value": [0,', b'"value": [9,'))
    else:
        path.unlink()
    assert path.read_bytes() != whole if path.exists() else damage == "gone"
    service.queries.clear()
    fetch()
    assert [q["Tid"] for q in service.queries] == [["2014"]]
    assert path.read_bytes() == whole


def test_a_damaged_index_costs_a_new_fetch_and_no_more(fetch, service, tmp_path):
    fetch()
    (tmp_path / "10824" / pxweb.INDEX).write_text("{", encoding="utf-8")
    assert cells_of(fetch()) == printed(service.table.cells)


def test_a_table_renewed_under_way_is_of_one_edition(fetch, service):
    service.editions = chain(["2020-06-18T06:00:00Z"], repeat("2020-07-01T06:00:00Z"))
    paths = fetch()
    assert [q["Tid"] for q in service.queries] == [["2014"], ["2015"], ["2014"]]
    assert {json.loads(p.read_bytes())["updated"] for p in paths} == {"2020-07-01T06:00:00Z"}


def test_a_service_that_cannot_settle_on_an_edition_is_left_alone(fetch, service):
    service.editions = (f"2020-07-01T06:00:{second:02d}Z" for second in range(60))
    with pytest.raises(InputError, match=r"edition changed 6 times[\s\S]*run again later"):
        fetch()
    assert len(service.queries) == 7


def test_many_small_pieces_are_no_fault(fetch, service):
    service.table, service.max_cells = Table(made_up_cells(60, ("2013", "2014", "2015"))), A_REGION
    assert len(fetch()) == 180


def test_another_query_leaves_nothing_of_the_former(fetch, service, tmp_path):
    fetch()
    (tmp_path / "10824" / "2013_x.json.part").write_bytes(b"half")
    fetch({**QUERY, "Tid": ["2015"]})
    assert sorted(os.listdir(tmp_path / "10824")) == ["2015_0-0104.json", pxweb.INDEX]
    assert len(service.queries) == 2, "the piece of 2015 serves both"


def test_a_narrower_query_is_not_served_by_pieces_of_a_wider_one(fetch, service):
    fetch()
    wanted = {key: text for key, text in service.table.cells.items() if key[1] == "0"}
    assert cells_of(fetch({**QUERY, "Kjonn": ["0"]})) == printed(wanted)


def test_a_size_that_was_only_chosen_is_not_taken_for_the_services_limit(fetch, service):
    fetch(max_cells=A_REGION)
    assert len(fetch({**QUERY, "Kjonn": ["1", "2"]})) == 2


def test_an_interruption_while_writing_leaves_no_half_piece(fetch, service, tmp_path, monkeypatch):
    whole = Path.write_bytes

    def half(path, content):
        whole(path, content[: len(content) // 2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "write_bytes", half)
        fetch()
    assert not list((tmp_path / "10824").glob("*.json"))
    assert cells_of(fetch()) == printed(service.table.cells)
    assert not list((tmp_path / "10824").glob("*.part"))


def test_the_date_of_extraction_is_the_services_and_travels_with_the_table(fetch, tmp_path, service):
    service.day -= 86_400
    service.faults = [None, *["away"] * 4]
    with pytest.raises(InputError):
        fetch()
    service.day += 86_400
    paths = fetch()
    data = pxweb.merged(tmp_path / "10824")
    assert stated([json.dumps(data).encode()]) == {"updated": "2020-06-18", "extracted": "2020-09-13"}
    assert data["extension"]["extraction"]["url"] == service.url
    assert stated([paths[0].read_bytes()]) == {"updated": "2020-06-18", "extracted": ""}
    assert stated([b"kommune_nr;avslutta", b"fylke_nr;"], "2014-02-01") == {"updated": "", "extracted": "2014-02-01"}


def test_patterns_leave_out_labour_regions_and_city_districts(fetch, service):
    service.table = Table(made_up_cells(), extra=("N01", "030101a", "EAK"))
    fetch()
    assert {len(code) for q in service.queries for code in q["Region"]} == {1, 2, 4}


def test_every_fault_of_a_query_is_told_at_once(fetch):
    wrong = {**QUERY, "Kjoenn": "*", "Arbeidsmarkedsstatus": ["00", "9"], "Tid": ["1999"]}
    del wrong["Kjonn"]
    with pytest.raises(InputError) as caught:
        fetch(wrong)
    text = str(caught.value)
    assert "4 problems" in text and "did you mean 'Kjonn'?" in text and "'9'" in text and "'1999'" in text


def test_the_real_table_reads_as_the_files_that_were_published(service, fetch, tmp_path):
    if not all(path.is_file() for path in FILES):
        pytest.skip("the real extracts are not beside the project")
    service.table, service.max_cells = Table(real_cells(), extra=("N01",)), 20_000
    service.faults = ["busy", None, "broken", None, "away", "cut"]
    paths = fetch(timeout=5.0)
    assert len(paths) == 6
    whole = tmp_path / "10824.json"
    whole.write_text(json.dumps(pxweb.merged(tmp_path / "10824")), encoding="utf-8")
    for files in (paths, whole):
        for ours, published in zip(read_statbank(files), read_statbank(FILES)):
            assert_frame_equal(ours, published)


def test_a_folder_with_a_piece_gone_is_not_merged(fetch, tmp_path):
    fetch()[0].unlink()
    with pytest.raises(InputError, match="delete the folder and fetch the table again"):
        pxweb.merged(tmp_path / "10824")


def test_pieces_that_leave_cells_out_are_not_merged(fetch):
    pieces = [parse_dataset(p.read_bytes()) for p in fetch(max_cells=3 * A_REGION)]
    with pytest.raises(Unusable, match="leave 180 of 720 cells out"):
        merge(pieces[1:])
    with pytest.raises(Unusable, match="different variables or editions"):
        merge([{**pieces[0], "updated": "2021"}, *pieces[1:]])


def test_sparse_values_and_lists_of_symbols_are_the_same_dataset(fetch):
    data = parse_dataset(fetch()[0].read_bytes())
    sparse = {str(i): v for i, v in enumerate(data["value"]) if v is not None}
    listed = [data["status"].get(str(i)) for i in range(len(data["value"]))]
    assert merge([{**data, "value": sparse, "status": listed}]) == merge([data])
