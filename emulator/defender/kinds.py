"""The alerts about open-source relational databases, for PostgreSQL (defender-for-cloud, "Alerts for open-source
relational databases", 2024-06-03). Several share a type: only title and severity tell them apart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertKind:
    """One row of that page. `logged_in` says whether somebody got in."""

    suffix: str
    title: str
    severity: str
    intent: str
    description: str
    logged_in: bool = True

    @property
    def type(self) -> str:
        """The alertType."""
        return f"SQL.PostgreSQL_{self.suffix}"


KINDS = {
    "BruteForce": AlertKind(
        "BruteForce",
        "Suspected brute force attack",
        "Medium",
        "PreAttack",
        "A potential brute force attack has been detected on your resource.",
        logged_in=False,
    ),
    "BruteForceValidUser": AlertKind(
        "BruteForce",
        "Suspected brute force attack using a valid user",
        "Medium",
        "PreAttack",
        "A potential brute force attack has been detected on your resource. The attacker is using the valid user name.",
        logged_in=False,
    ),
    "SuccessfulBruteForce": AlertKind(
        "BruteForce",
        "Suspected successful brute force attack",
        "High",
        "PreAttack",
        "A successful login occurred after an apparent brute force attack on your resource.",
    ),
    "HarmfulApplication": AlertKind(
        "HarmfulApplication",
        "Attempted logon by a potentially harmful application",
        "High",
        "PreAttack",
        "A potentially harmful application attempted to access your resource.",
        logged_in=False,
    ),
    "PrincipalAnomaly": AlertKind(
        "PrincipalAnomaly",
        "Login from a principal user not seen in 60 days",
        "Low",
        "Exploitation",
        "A principal user not seen in the last 60 days has logged into your database.",
    ),
    "DomainAnomaly": AlertKind(
        "DomainAnomaly",
        "Login from a domain not seen in 60 days",
        "Medium",
        "Exploitation",
        "A user has logged in to your resource from a domain no other users have connected from in the last 60 days.",
    ),
    "DataCenterAnomaly": AlertKind(
        "DataCenterAnomaly",
        "Log on from an unusual Azure Data Center",
        "Low",
        "Probing",
        "Someone logged on to your resource from an unusual Azure Data Center.",
    ),
    "CloudProviderAnomaly": AlertKind(
        "CloudProviderAnomaly",
        "Logon from an unusual cloud provider",
        "Medium",
        "Exploitation",
        "Someone logged on to your resource from a cloud provider not seen in the last 60 days.",
    ),
    "GeoAnomaly": AlertKind(
        "GeoAnomaly",
        "Log on from an unusual location",
        "Medium",
        "Exploitation",
        "Someone logged on to your resource from an unusual location.",
    ),
    "SuspiciousIpAnomaly": AlertKind(
        "SuspiciousIpAnomaly",
        "Login from a suspicious IP",
        "Medium",
        "PreAttack",
        "Your resource has been accessed successfully from an IP address that Microsoft Threat Intelligence has "
        "associated with suspicious activity.",
    ),
}
