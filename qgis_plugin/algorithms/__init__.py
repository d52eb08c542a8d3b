"""The algorithms of the toolbox, one file each; :mod:`.catalogue` lists them."""
