"""The exercises: for each concept a function that the reader writes, with hints and probes.

One module a concept; each has ``EXERCISES``. ``checker/exercise.py`` says what a probe is,
``checker/shelf.py`` makes stubs and solutions of the published source.
"""
