"""Reads the owner's policy from its files, and says exactly what is wrong with them."""

from shared.policy_file.load import (
    DEFAULT_POLICY,
    bad_policy,
    default_policy,
    folder_of,
    load_policy,
    load_policy_file,
    load_policy_texts,
    policy_texts,
    read_policy,
)
from shared.policy_file.moment import check_moment, require_current
from shared.policy_file.shipped import playbooks_of, shipped

__all__ = [
    "DEFAULT_POLICY",
    "bad_policy",
    "check_moment",
    "default_policy",
    "folder_of",
    "load_policy",
    "load_policy_file",
    "load_policy_texts",
    "playbooks_of",
    "policy_texts",
    "read_policy",
    "require_current",
    "shipped",
]
