"""T-E1: about the surveys: who was asked, who answered, in how many municipalities and languages."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.waves import book_of, by_wave, published_rows, wave_name, wave_order
from introprog.tables import Column, Row, Table

PUBLISHED = {
    "answers": ("survey design", "respondents"),
    "municipalities": ("survey design", "municipalities"),
    "response": ("survey design", "respondents as share of all participants in the period"),
    "languages": ("survey design", "languages/dialects (text and audio)"),
}
FACTS = {
    "year": {"nb": "År", "en": "Year"},
    "items": {"nb": "Spørsmål", "en": "Items"},
    "steps": {"nb": "Svartrinn", "en": "Answer steps"},
    "answers": {"nb": "Svar", "en": "Answers"},
    "municipalities": {"nb": "Kommuner med svar", "en": "Municipalities with answers"},
    "municipalities_shown": {"nb": "med minst {least} svar", "en": "with at least {least} answers"},
    "municipalities_frame": {"nb": "Kommuner i utvalgsrammen", "en": "Municipalities in the frame"},
    "eligible": {"nb": "Deltakere i utvalgsrammen", "en": "Participants in the frame"},
    "eligible_answering": {"nb": "i kommuner med svar", "en": "in municipalities with answers"},
    "response": {"nb": "Svarandel, prosent", "en": "Response, per cent"},
    "response_answering": {"nb": "i kommuner med svar", "en": "in municipalities with answers"},
    "languages": {"nb": "Språk", "en": "Languages"},
    "assisted_share": {"nb": "Fikk hjelp til å svare, prosent", "en": "Had help in answering, per cent"},
    "leavers": {"nb": "Resultater fra dem som sluttet", "en": "Results of leavers of"},
}
INDENTED = ("municipalities_shown", "eligible_answering", "response_answering")
SHARES = ("response", "response_answering", "assisted_share")


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave with the facts as columns (shares 0-1), and a row a published survey (``kind`` ``published``)."""
    rows = []
    threshold = settings["disclosure"]["threshold"]
    for wave in wave_order(settings):
        own = inputs["survey_responses"][inputs["survey_responses"]["wave"] == wave]
        frame = inputs["survey_frame"][inputs["survey_frame"]["wave"] == wave]
        rows.append(
            {
                "kind": "wave",
                "wave": wave,
                **_facts(own, frame, book_of(inputs, settings, wave), settings, wave, threshold),
            }
        )
    published = []
    for fact, (measure, category) in PUBLISHED.items():
        told = published_rows(inputs["published"], measure, category)
        told["value"] = told["value"] / (100 if fact in SHARES else 1)
        published.append(told.assign(fact=fact))
    told = pd.concat(published, ignore_index=True)
    wide = told.pivot_table(index="survey", columns="fact", values="value").reset_index()
    keys = told.groupby("survey")["source_key"].agg(lambda k: "+".join(sorted(set(k))))
    wide = wide.assign(kind="published", source_key=wide["survey"].map(keys))
    waves = by_wave(pd.DataFrame(rows), settings)
    facts = [f for f in FACTS if f != "leavers"]
    names = ["kind", "wave", "survey", "instrument", *facts, "first_exit_year", "last_exit_year", "suppressed",
             "source_key"]  # fmt: skip
    table = pd.concat([waves, wide], ignore_index=True).reindex(columns=names)
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    return table


def _facts(own: pd.DataFrame, frame: pd.DataFrame, book: Mapping, settings: Mapping, wave: str, threshold: int) -> dict:
    block, least = settings["surveys"]["waves"][wave], settings["surveys"]["minimum_answers"]
    sizes = own["municipality"].value_counts()
    inside = frame.loc[frame["municipality"].isin(sizes.index), "eligible"].sum()
    eligible, answers = int(frame["eligible"].sum()), len(own)
    helped = int(own["assisted"].astype("boolean").fillna(False).sum())
    # nil is as telling as few: a share of exactly none is hidden with the small ones
    closed = min(helped, answers - helped) < threshold
    low, high = block[settings["surveys"]["alignment"]]
    return {
        "instrument": book["instrument"],
        "year": block["year"],
        "items": len(book["items"]),
        "steps": max(item["scale"][1] - item["scale"][0] + 1 for item in book["items"].values()),
        "answers": answers,
        "municipalities": len(sizes),
        "municipalities_shown": int((sizes >= least).sum()),
        "municipalities_frame": frame["municipality"].nunique(),
        "eligible": eligible,
        "eligible_answering": int(inside),
        "response": answers / eligible if eligible else float("nan"),
        "response_answering": answers / inside if inside else float("nan"),
        "languages": own["language"].nunique(),
        "assisted_share": float("nan") if closed else helped / answers,
        "suppressed": closed,
        "first_exit_year": block["year"] + low,
        "last_exit_year": block["year"] + high,
    }


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Facts down, waves across; what the publications say stands in the notes."""
    pick = context.labels.pick
    waves = numbers[numbers["kind"] == "wave"].set_index("wave")
    least = context.settings["surveys"]["minimum_answers"]
    rows = [
        Row(
            pick(label).format(least=least),
            [_cell(waves.loc[w], fact, context) for w in waves.index],
            int(fact in INDENTED),
        )
        for fact, label in FACTS.items()
    ]
    notes = {
        "nb": "Svarandel: svar delt på deltakere i utvalgsrammen. Rekrutteringen gikk gjennom kommunene, så "
        "svarandelen sier ikke alene hvor "
        "skjevt utvalget er.",
        "en": "Response: answers over participants in the frame. Recruitment went through the municipalities, so that "
        "the response alone does "
        "not say how selective the answers are.",
    }
    definition = {
        "nb": "ett svar = én deltaker som leverte skjemaet",
        "en": "an answer = a participant who handed in the form",
    }
    total = context.labels.number(waves["answers"].sum())
    n = {"nb": f"{total} svar i {len(waves)} undersøkelser", "en": f"{total} answers in {len(waves)} surveys"}
    footer = context.footer(numbers, pick(n), pick(definition), [pick(notes), _published(numbers, context)])
    stub = pick({"nb": "Undersøkelse", "en": "Survey"})
    return Table(
        context.language,
        context.title,
        stub,
        [Column(wave_name(w, context)) for w in waves.index],
        rows,
        footer,
        context.stamp,
    )


def _cell(row: pd.Series, fact: str, context: Context) -> str:
    labels = context.labels
    if fact == "leavers":
        return labels.years(int(row["first_exit_year"]), int(row["last_exit_year"]))
    if fact == "year":
        return str(int(row[fact]))
    if fact == "assisted_share" and row["suppressed"]:
        return ":"
    return labels.share(row[fact], 1) if fact in SHARES else labels.number(row[fact])


def _published(numbers: pd.DataFrame, context: Context) -> str:
    """The published counterparts in words, with their sources."""
    labels, pick = context.labels, context.labels.pick
    words = {
        "answers": {"nb": "{} svar", "en": "{} answers"},
        "municipalities": {"nb": "{} kommuner", "en": "{} municipalities"},
        "response": {"nb": "svarandel {} prosent", "en": "response {} per cent"},
        "languages": {"nb": "{} språk", "en": "{} languages"},
    }
    told = []
    for _, row in numbers[numbers["kind"] == "published"].iterrows():
        parts = [
            pick(text).format(labels.share(row[fact]) if fact in SHARES else labels.number(row[fact]))
            for fact, text in words.items()
            if not pd.isna(row[fact])
        ]
        told.append(f"{row['survey']}: {', '.join(parts)} ({row['source_key']})")
    head = {
        "nb": "Publisert om de virkelige undersøkelsene (data/published/sources.csv)",
        "en": "Published about the real surveys (data/published/sources.csv)",
    }
    return f"{pick(head)}: {'; '.join(told)}."
