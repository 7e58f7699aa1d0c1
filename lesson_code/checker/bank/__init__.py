"""The bug bank, one TOML file a concept, named like it; ``checker/register.py`` reads them."""
