"""What can be said of labels before anything is trained on them."""
