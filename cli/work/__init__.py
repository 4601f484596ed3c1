"""What commands do. Imported when a command runs, never before."""
