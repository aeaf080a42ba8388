"""The creature beside the text: who draws it, which one a text has, and when it is asked for."""
