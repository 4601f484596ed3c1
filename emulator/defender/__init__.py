"""Microsoft Defender for Cloud: the alerts it raises, their life, and continuous export of them to an event hub."""
