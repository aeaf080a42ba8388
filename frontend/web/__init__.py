"""The stage on the web: a page to read, and the text as a stream for programs."""
