"""What the plugin puts into a desktop: a menu, a button, the first message; never loaded in qgis_process."""
