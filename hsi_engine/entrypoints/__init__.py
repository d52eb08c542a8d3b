"""What the command line and the worker share: requests, cancelling, failures, a clean standard output."""
