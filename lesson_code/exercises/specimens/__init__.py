"""Specimens: functions as readers write them, right and wrong, to test the checker."""
