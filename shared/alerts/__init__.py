"""Security alerts of Defender for Cloud: read from any door, laid to a server, kept in step with Defender."""
