"""What is larger than its goal, with the size it has: see check_structure.py. Sizes go down and lines leave; none come."""

EXCEPTIONS: dict[str, dict[str, int]] = {
    "import circles": {},
    "modules directly in a folder": {},
    "lines in a module": {},
    "lines in a function": {},
}
