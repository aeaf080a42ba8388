"""The text spoken: words in time with the letters, each style in a voice of its own."""
