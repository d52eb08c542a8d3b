"""What is kept about the environment, and where."""
