"""Classes: values, names and colours."""
