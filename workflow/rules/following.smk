"""Following every leaver: statuses at the horizons and the state month by month, in one job each or in shards."""

FOLLOWED = ("leavers", "employment", "education", "welfare", "income", "residence")


if PLAN.source != "statbank" and config["shards"] == 1:

    rule compute_outcomes:
        """Status and success of every leaver, at every horizon, by every definition."""
        input:
            **{name: PLAN.place(name) for name in FOLLOWED},
            basic_amount=PLAN.shared("codelists", "basic_amount.csv"),
            statuses=PLAN.shared("codelists", "status.csv"),
        output:
            outcomes=update(PLAN.place("outcomes")),
        log:
            "logs/compute_outcomes.log",
        benchmark:
            "logs/benchmarks/compute_outcomes.tsv"
        threads: 1
        resources:
            **PLAN.resources("compute_outcomes"),
        params:
            definitions=PLAN.definition_rules,
            study=PLAN.study_without("target_share", "confidence"),
            code=PLAN.code("compute_outcomes"),
        script:
            "../scripts/compute_outcomes.py"

    rule trace_months:
        """State of every leaver, month by month after the programme, the shares in each, and the first stable job."""
        input:
            **{name: PLAN.place(name) for name in FOLLOWED},
        output:
            **{name: update(PLAN.place(name)) for name in PLAN.traced},
        log:
            "logs/trace_months.log",
        benchmark:
            "logs/benchmarks/trace_months.tsv"
        threads: 1
        resources:
            **PLAN.resources("trace_months"),
        params:
            study=PLAN.study_without("target_share"),
            months=config["months"],
            stable_job=config["stable_job"],
            disclosure=config["disclosure"],
            code=PLAN.code("trace_months"),
        script:
            "../scripts/trace_months.py"


if PLAN.source != "statbank" and config["shards"] > 1:

    rule compute_outcomes_shard:
        """Status and success of the leavers of one shard."""
        input:
            **{name: PLAN.place(name) for name in FOLLOWED},
            basic_amount=PLAN.shared("codelists", "basic_amount.csv"),
            statuses=PLAN.shared("codelists", "status.csv"),
        output:
            outcomes=temp(PLAN.shard("outcomes")),
        log:
            "logs/compute_outcomes_{shard}_of_{shards}.log",
        benchmark:
            "logs/benchmarks/compute_outcomes_{shard}_of_{shards}.tsv"
        wildcard_constraints:
            shard=r"\d+",
            shards=r"\d+",
        threads: 1
        resources:
            **PLAN.resources("compute_outcomes"),
        params:
            definitions=PLAN.definition_rules,
            study=PLAN.study_without("target_share", "confidence"),
            code=PLAN.code("compute_outcomes"),
        script:
            "../scripts/compute_outcomes.py"

    rule compute_outcomes:
        """The outcomes of all shards as one table."""
        input:
            pieces=PLAN.shard_files("outcomes"),
        output:
            outcomes=update(PLAN.place("outcomes")),
        log:
            "logs/compute_outcomes.log",
        benchmark:
            "logs/benchmarks/compute_outcomes.tsv"
        threads: 1
        resources:
            **PLAN.resources("compute_outcomes"),
        params:
            code=PLAN.code("merge_shards"),
        script:
            "../scripts/merge_shards.py"

    rule trace_months_shard:
        """State of the leavers of one shard, month by month after the programme."""
        input:
            **{name: PLAN.place(name) for name in FOLLOWED},
        output:
            states=temp(PLAN.shard("states")),
        log:
            "logs/trace_months_{shard}_of_{shards}.log",
        benchmark:
            "logs/benchmarks/trace_months_{shard}_of_{shards}.tsv"
        wildcard_constraints:
            shard=r"\d+",
            shards=r"\d+",
        threads: 1
        resources:
            **PLAN.resources("trace_months"),
        params:
            study=PLAN.study_without("target_share"),
            months=config["months"],
            code=PLAN.code("trace_months"),
        script:
            "../scripts/trace_months.py"

    rule trace_months:
        """The states of all shards as one table, the shares in each state, and the first stable job."""
        input:
            leavers=PLAN.place("leavers"),
            pieces=PLAN.shard_files("states"),
        output:
            **{name: update(PLAN.place(name)) for name in PLAN.traced},
        log:
            "logs/trace_months.log",
        benchmark:
            "logs/benchmarks/trace_months.tsv"
        threads: 1
        resources:
            **PLAN.resources("trace_months"),
        params:
            study=PLAN.study_without("target_share"),
            stable_job=config["stable_job"],
            disclosure=config["disclosure"],
            code=PLAN.code("trace_months"),
        script:
            "../scripts/trace_months.py"
