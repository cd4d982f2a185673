"""Two at once: requests and jobs that meet on the same records."""
