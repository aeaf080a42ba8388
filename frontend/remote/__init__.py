"""Phones: a page that they open by a code, the server that serves it, and what they may do. A process of its own."""
