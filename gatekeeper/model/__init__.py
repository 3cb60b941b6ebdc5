"""The nouns of the product, frozen. Files of ours are checked against these types and their schemas come from them."""
