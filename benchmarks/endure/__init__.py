"""What must hold for hours: runs that a reliability report is written from."""
