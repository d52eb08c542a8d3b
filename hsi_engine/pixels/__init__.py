"""Where pixels are, and which of them are labelled."""
