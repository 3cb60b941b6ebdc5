"""Forges by REST, one module each; what they share is how an API is asked, waited for and believed."""
