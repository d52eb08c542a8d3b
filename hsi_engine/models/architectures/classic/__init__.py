"""The classics of 2-D convolution in sizes that fit patches, as data."""
