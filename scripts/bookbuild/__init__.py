"""The workshop of the book: the runner of its examples and the Markdown extensions of its pages.

``project`` names things and ``files`` writes them. ``launcher``, ``worker`` and ``sandbox`` run
examples, of which ``recorder`` notes what they depend on; ``dependencies`` and ``freshness`` tell
what is stale. ``compare`` and ``results`` hold a run against what is committed, and ``runner``,
``cli`` and ``build`` put that together. ``regions``, ``pages`` and ``lint`` read the
pages and check them, ``markdown`` shows them, and ``frontend`` fetches the packages that the site
serves.
"""
