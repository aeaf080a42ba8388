"""OSCQuery: the parameter tree over HTTP, for programs that build their panel by themselves. A process of its own."""
