"""What changed between periods, by how much, and how sure that is."""
