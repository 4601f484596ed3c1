"""What `holdfast doctor` looks at: each check says what it found, what it wanted, and the command that mends it."""
