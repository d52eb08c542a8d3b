"""Text from strangers: XML, JSON and numbers, each read in one place that refuses whatever is wrong with it by one kind of error."""
