"""The figures and tables, one module a display; the registry is ``workflow/displays.yaml``.

A display module has ``numbers(inputs, settings) -> DataFrame`` (the CSV twin) and ``draw(numbers, context) -> Figure``
or ``table(numbers, context) -> Table``. Nothing is drawn that is not in the CSV.
"""
