"""What tests the tests and the judge: mutants of the listings, and the checker's confusion."""
