"""What products of an XML file and images have in common: their files, bands, pixels and quality layers."""
