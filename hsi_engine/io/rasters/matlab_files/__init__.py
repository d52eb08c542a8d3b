"""Arrays of MATLAB files, of version 5 to 7 and of 7.3, found without reading their numbers."""
