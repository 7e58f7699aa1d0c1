"""The workshop of the book: the runner of its examples and the Markdown extensions of its pages.

``project`` names things and ``closure`` tells what is stale. ``launcher``, ``worker`` and
``sandbox`` run examples, ``compare`` and ``results`` hold them against what is committed, and
``runner``, ``cli`` and ``build`` put that together. ``regions``, ``pages`` and ``lint`` read the
pages and check them, ``markdown`` shows them, and ``frontend`` fetches the packages that the site
serves.
"""
