"""How many small errors the tests notice: mutmut makes and judges them, this keeps the result."""
