"""Several models, each trained with several seeds on the same folds."""
