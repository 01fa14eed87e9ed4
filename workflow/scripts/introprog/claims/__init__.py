"""The ledger of claims: what others have said of the programme, each with a decision rule that code evaluates.

``ledger`` reads ``data/claims.yaml``, ``facts`` brings a run's and published numbers into small tables, ``rules`` turns
an estimate with its interval into a verdict, ``judge`` goes through the ledger.
"""
