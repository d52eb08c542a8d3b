"""What a user may choose about a scene that its format leaves open."""
