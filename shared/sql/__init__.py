"""What is inside a server's databases: read and written by SQL, behind the same port as Azure Resource Manager."""
