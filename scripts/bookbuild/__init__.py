"""The workshop of the book: the runner of its examples and the Markdown extensions of its pages.

``project`` names things, ``closure`` tells what is stale, ``worker`` and ``sandbox`` run examples,
``compare`` and ``results`` hold them against what is committed, ``runner`` and ``cli`` put that
together, ``markdown`` shows it, ``pages`` checks the pages and ``frontend`` fetches the packages
that the site serves.
"""
