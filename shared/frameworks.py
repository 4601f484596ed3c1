"""What the standards and tools are called whose ids controls carry, and what people call them at the command line."""

import re
from collections.abc import Mapping

_CIS = "CIS Microsoft Azure Foundations Benchmark"
# By the key under which their ids are kept, in the order in which they are shown.
NAMES: Mapping[str, str] = {
    "prowler": "Prowler",
    "azure-policy": "Azure Policy built-in definitions",
    "cis-1.1": f"{_CIS} 1.1.0",
    "cis-1.3": f"{_CIS} 1.3.0",
    "cis-1.4": f"{_CIS} 1.4.0",
    "cis-1.5": f"{_CIS} 1.5.0",
    "cis-2.0": f"{_CIS} 2.0.0",
    "cis-2.1": f"{_CIS} 2.1.0",
    "cis-3.0": f"{_CIS} 3.0.0",
    "cis-4.0": f"{_CIS} 4.0.0",
    "cis-5.0": f"{_CIS} 5.0.0",
    "cis-6.0": f"{_CIS} 6.0.0",
    "checkov": "Checkov",
    "trivy": "Trivy",
    "kics": "KICS",
    "psrule": "PSRule for Azure",
    "steampipe": "Steampipe Azure Compliance",
    "defender-cspm": "Defender CSPM recommendations",
    "cloud-custodian": "Cloud Custodian",
    "azts": "Azure Tenant Security (AzTS)",
    "azure-landing-zones": "Azure landing zones (ALZ)",
    "aprl": "Azure Proactive Resiliency Library (APRL)",
    "mcsb": "Microsoft cloud security benchmark (MCSB)",
    "iso27001": "ISO/IEC 27001:2022",
    "pci": "PCI DSS 4.0",
}
# Other words than a key or a name, or the beginning of a key.
_ALIASES: Mapping[str, str] = {
    "alz": "azure-landing-zones",
    "azure": "azure-policy",
    "c7n": "cloud-custodian",
    "custodian": "cloud-custodian",
    "cspm": "defender-cspm",
    "iso-27001-2022": "iso27001",
    "mdfc": "defender-cspm",
    "pci-dss": "pci",
    "tfsec": "trivy",
}
FAMILIES: Mapping[str, tuple[str, ...]] = {"cis": tuple(key for key in NAMES if key.startswith("cis-"))}
"""Standards of which several versions are known."""


def framework_keys(word: str) -> tuple[str, ...]:
    """The frameworks that somebody means: `pci-dss` is `pci`, `cis` every version of it; none for an unknown word."""
    wanted = _letters(word)
    exact = [key for text, key in _WORDS.items() if text == wanted]
    return tuple(dict.fromkeys(exact or (key for key in NAMES if wanted and _letters(key).startswith(wanted))))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


_WORDS: Mapping[str, str] = {
    **{_letters(name): key for key, name in NAMES.items()},
    **{_letters(word): key for word, key in _ALIASES.items()},
    **{_letters(key): key for key in NAMES},
}
