"""What a text's next character may be: words, quotations, circles, and what is aimed at."""
