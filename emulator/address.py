"""Where a running emulator is and which secrets open it: the one JSON line that it prints first."""

import dataclasses
import json
import ssl
from dataclasses import dataclass

from emulator.body import Body


@dataclass(frozen=True, slots=True)
class Address:
    """Everything a client needs."""

    arm: str  # https://127.0.0.1:PORT
    ca: str  # file with the certificate that signs the above, for REQUESTS_CA_BUNDLE and SSL_CERT_FILE
    identity_endpoint: str  # for IDENTITY_ENDPOINT
    identity_header: str  # for IDENTITY_HEADER: the app's; other callers' are in `principals`
    control: str  # http://127.0.0.1:PORT/_control
    control_secret: str  # for the header X-Control-Secret
    topic_endpoint: str  # of the fleet's first topic
    topic_key: str  # for the header aeg-sas-key
    principals: dict[str, dict[str, str]]  # by the fleet's key: identity_header, object_id, name, kind …

    def line(self) -> str:
        """Return the JSON line."""
        body: Body = dataclasses.asdict(self)
        return json.dumps(body)

    def tls(self) -> ssl.SSLContext:
        """Return a context for clients that trusts the emulator and nobody else."""
        return ssl.create_default_context(cafile=self.ca)

    def environment(self, principal: str = "") -> dict[str, str]:
        """Return the variables that make azure-identity and requests use the emulator as this principal."""
        header = self.principals[principal]["identity_header"] if principal else self.identity_header
        return {
            "IDENTITY_ENDPOINT": self.identity_endpoint,
            "IDENTITY_HEADER": header,
            "REQUESTS_CA_BUNDLE": self.ca,
            "SSL_CERT_FILE": self.ca,
        }
