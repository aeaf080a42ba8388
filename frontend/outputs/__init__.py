"""Ways out for signals: what is played on other instruments while the text is written."""
