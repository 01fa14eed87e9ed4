"""Where every table of the pipeline lives, and the shipped files that displays need, by the name that others use."""

PRIVATE = "results/private"
MANIFEST = "results/manifest.json"

PLACES = {
    **{
        name: f"{PRIVATE}/clean/{name}.parquet"
        for name in (
            "persons",
            "programmes",
            "employment",
            "education",
            "welfare",
            "income",
            "residence",
            "municipalities",
            "survey_responses",
            "survey_frame",
            "survey_keys",
        )
    },
    "quality_log": f"{PRIVATE}/clean/quality_log.csv",
    "read_log": f"{PRIVATE}/clean/read_log.csv",
    "employment_quality_log": f"{PRIVATE}/clean/quality_log_employment.csv",
    "employment_read_log": f"{PRIVATE}/clean/read_log_employment.csv",
    "survey_quality_log": f"{PRIVATE}/clean/quality_log_survey.csv",
    "survey_read_log": f"{PRIVATE}/clean/read_log_survey.csv",
    "leavers": f"{PRIVATE}/cohort/leavers.parquet",
    "flow": f"{PRIVATE}/cohort/flow.csv",
    "outcomes": f"{PRIVATE}/outcomes/outcomes.parquet",
    "region_status": f"{PRIVATE}/panel/region_status.parquet",
    "panel": f"{PRIVATE}/panel/municipality_panel.parquet",
    "statbank_days": f"{PRIVATE}/panel/statbank_days.csv",
    "scales": f"{PRIVATE}/survey/scales.parquet",
    "person_link": f"{PRIVATE}/survey/person_link.parquet",
    "all_matches": f"{PRIVATE}/survey/matches.csv",
    "municipal_link": f"{PRIVATE}/survey/municipal_link.parquet",
    "adjusted_rates": f"{PRIVATE}/models/adjusted_rates.parquet",
    "standardised_results": f"{PRIVATE}/models/standardised_results.parquet",
    "ranks": f"{PRIVATE}/models/ranks.parquet",
    "funnel": f"{PRIVATE}/models/funnel.parquet",
    "target_verdicts": f"{PRIVATE}/models/target_verdicts.parquet",
    "public_panel": "results/panel/municipality_panel.parquet",
    "survey_items": f"{PRIVATE}/survey/items.csv",
    "measurement": "results/models/measurement.csv",
    "invariance": "results/models/invariance.csv",
    "proportional_odds": "results/models/proportional_odds.csv",
    "association": "results/models/association.csv",
    "association_specifications": "results/models/association_specifications.csv",
    "item_association": "results/models/item_association.csv",
    "definition_association": "results/models/definition_association.csv",
    "verdict": "results/models/verdict.csv",
    "casemix": "results/models/casemix.csv",
    "signal": "results/models/signal.csv",
    "rank_correlation": "results/models/rank_correlation.csv",
    "target_changes": "results/models/target_changes.csv",
    "forecast": "results/models/forecast.csv",
    "reconciliation": "results/models/reconciliation.csv",
    "municipality_profile": "results/models/municipality_profile.csv",
    "status_by_group": "results/models/status_by_group.csv",
    "employed_by_place": "results/models/employed_by_place.csv",
    "employed_by_trait": "results/models/employed_by_trait.csv",
    "states": f"{PRIVATE}/months/states.parquet",
    **{
        name: f"results/models/{name}.csv"
        for name in (
            "chronogram",
            "incidence",
            "elapsed",
            "specifications",
            "end_cause_bounds",
            "moves",
            "network",
            "matches",
            "organisation",
            "settlement",
            "surrogate",
            "claims",
        )
    },
}

SHIPPED = {
    "published": ("published", "figures.csv"),
    "published_sources": ("published", "sources.csv"),
    "rules": ("codebook", "rules.yaml"),
    "ledger": ("claims.yaml",),
    "countries": ("codelists", "countries.csv"),
    "county_tiles": ("codelists", "county_tiles.csv"),
}
