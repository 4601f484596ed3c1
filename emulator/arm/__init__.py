"""Azure Resource Manager's front: authentication, RBAC, api-versions, long operations, faults, the exchange log."""
