"""The report: one self-contained HTML page a language, made of the displays and models of a run.

``embedding`` puts pictures and numbers into the page, ``sentences`` turns model tables into what they say,
``chapters`` and ``content`` gather everything, ``municipality`` prepares the page's search, ``html`` renders.
Texts and layout live in ``workflow/report/``.
"""
