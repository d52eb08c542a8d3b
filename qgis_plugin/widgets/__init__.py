"""Widgets of the forms; loaded only when a form is shown."""
