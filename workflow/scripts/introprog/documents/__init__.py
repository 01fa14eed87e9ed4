"""Files that people take further: Word, Excel, LaTeX and PDF, all written from the printed tables of the run.

``printed_number`` reads a printed figure back as a number, ``contents`` turns the gathered report into ``blocks``, and
``word``, ``workbook``, ``latex`` and ``pdf`` write them. A file has the same bytes whenever and wherever it is written.
"""
