"""What the engine can do: the definition of each operation in a module of its name, its run in another."""
