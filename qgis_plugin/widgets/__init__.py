"""Widgets of the forms; loaded only where a form is shown."""
