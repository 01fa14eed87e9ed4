"""DuckDB's plain answer from the raw rows as typed Parquet: one SQL query, two threads."""

import sys
from pathlib import Path

import duckdb

QUERY = """
with moments as (
    select person_id, h as horizon, exit_year + h as year, make_date(exit_year + h, 11, 16) as day,
           date_trunc('week', make_date(exit_year + h, 11, 16))::date as monday
    from '{c}/leavers.parquet', range(1, 11) as t(h)
    where included and exit_year + h <= 2023),
here as (
    select distinct m.* from moments m join '{c}/residence.parquet' r using (person_id)
    where r.first_date <= m.day and coalesce(r.last_date, date '2200-01-01') >= m.day),
spells as (
    select lopenr as person_id, startdato as first_date,
           coalesce(stoppdato, make_date(year(startdato), 12, 31)) as last_date
    from '{p}/atmlto_*.parquet' where coalesce(stoppdato, date '2200-01-01') >= startdato),
job as (
    select h.person_id, h.horizon from here h join '{p}/ameld_*.parquet' e
    on e.lopenr = h.person_id and e.periode = h.year * 100 + 11 where e.periode % 100 = 11
    union select h.person_id, h.horizon from here h join spells e using (person_id)
    where e.first_date <= h.monday + 6 and e.last_date >= h.monday),
course as (
    select distinct h.person_id, h.horizon from here h join '{p}/utdanning_kurs.parquet' e on e.lopenr = h.person_id
    where e.fra_dato <= h.monday + 6 and coalesce(e.til_dato, date '2200-01-01') >= greatest(h.monday, e.fra_dato)),
states as (
    select lopenr, periode, min(list_position([
        'HELT_LEDIG', 'TILTAK', 'NEDSATT_TILTAK', 'AAP', 'HELSE', 'KONTANT_OVERGANG'], tilstand)) as rank
    from '{p}/nav_*.parquet' where periode % 100 = 11 group by all),
nav as (
    select h.person_id, h.horizon, ['21','22','32','31','33','34'][w.rank] as state
    from here h join states w on w.lopenr = h.person_id and w.periode = h.year * 100 + 11),
money as (
    select lopenr as person_id, aar as year, max(sosialhjelp_mnd) > 0 as assisted
    from '{p}/inntekt.parquet' group by all)
select h.person_id, h.horizon::int as horizon,
    case when job.horizon is not null then if(course.horizon is not null, '15', '11')
         when course.horizon is not null then '05' when nav.state is not null then nav.state
         when assisted then '35' when assisted is not null then '80' else '08' end as status
from here h left join job using (person_id, horizon) left join course using (person_id, horizon)
    left join nav using (person_id, horizon) left join money using (person_id, year)
"""


def answer(folder: Path) -> None:
    """Write the answer."""
    connection = duckdb.connect(config={"threads": 2})
    query = QUERY.format(c=folder / "clean", p=folder / "parquet")
    connection.execute(f"copy ({query}) to '{folder / 'answers' / 'duckdb.parquet'}' (format parquet)")


if __name__ == "__main__":
    answer(Path(sys.argv[1]))
