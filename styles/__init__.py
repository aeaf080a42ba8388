"""What the voices read: the cards of the 24 styles, cleaning of texts, and fetching them."""
