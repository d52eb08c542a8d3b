"""The model file: everything needed to map another scene, without pickle."""
