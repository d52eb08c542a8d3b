"""Several models on the same folds of one scene."""
