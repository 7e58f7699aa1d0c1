"""Known-wrong variants of published functions, each of which the ordinary tests must reject."""
