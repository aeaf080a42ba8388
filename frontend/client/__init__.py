"""The front end's side of the wire: the link, the session's state and what is shown of it."""
