"""The declared shape of what is delivered; YAML only."""
