"""What the text is kept from: words that are never to appear, long quotations, going round in circles."""
