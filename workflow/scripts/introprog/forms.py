"""The forms that a model block of the config can have, by what a row of its data is."""

PERSON = ("linear", "ordered", "random_intercept", "ordered_intercept")
MUNICIPALITY = ("least_squares", "meta", "binomial")
