"""DuckDB's plain answer from the clean Parquet tables: one SQL query, two threads."""

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
job as (
    select distinct h.person_id, h.horizon from here h join '{c}/employment.parquet' e using (person_id)
    where e.first_date <= h.monday + 6 and e.last_date >= h.monday),
course as (
    select distinct h.person_id, h.horizon from here h join '{c}/education.parquet' e using (person_id)
    where e.first_date <= h.monday + 6 and coalesce(e.last_date, date '2200-01-01') >= h.monday),
nav as (
    select h.person_id, h.horizon, arg_min(w.state, list_position(['21','22','32','31','33','34'], w.state)) as state
    from here h join '{c}/welfare.parquet' w using (person_id)
    where w.first_date <= h.monday + 6 and w.last_date >= h.monday group by all),
money as (
    select person_id, year, max(social_assistance_months) > 0 as assisted from '{c}/income.parquet' group by all)
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
    connection.execute(
        f"copy ({QUERY.format(c=folder / 'clean')}) to '{folder / 'answers' / 'duckdb.parquet'}' (format parquet)"
    )


if __name__ == "__main__":
    answer(Path(sys.argv[1]))
