"""How good the assistant is, in numbers: ``python -m evaluation``."""
