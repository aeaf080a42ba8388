"""Server and front end as child processes, watched and replaced."""
