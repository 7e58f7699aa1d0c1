"""The exercises: for each concept a function that the reader writes, with hints and probes.

One module a concept; each has ``EXERCISES``. ``probes.py`` says what a probe is, ``shelf.py``
makes stubs and solutions from the published source and keeps the reader's progress.
"""
