"""What the front end keeps in files: settings, scenes and set lists."""
