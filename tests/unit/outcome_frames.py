"""The outcomes table as a data frame, as tests look at it."""

import pandas as pd
import pyarrow as pa


def as_frame(outcomes: pa.Table) -> pd.DataFrame:
    """Texts as categories, success as a nullable boolean, the date as ``datetime64[s]``."""
    frame = outcomes.to_pandas(date_as_object=False, types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    types = {"in_denominator": bool, "reference_date": "datetime64[s]"}
    return frame.astype(types)
