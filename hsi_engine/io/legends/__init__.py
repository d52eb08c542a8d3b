"""Names and colours of classes in files of this and other programs."""
