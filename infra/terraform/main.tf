locals {
  scopes = [for id in var.guarded : "/subscriptions/${id}"]
  role   = jsondecode(file("${path.module}/../facts/role.json"))
}

resource "azurerm_resource_group" "holdfast" {
  name     = "rg-holdfast-${var.name}"
  location = var.location
  tags     = var.tags
}

# Two identities: the app's own, and the courier's, which Event Grid uses to write into the queue and nothing else.
resource "azurerm_user_assigned_identity" "app" {
  name                = "id-holdfast-${var.token}"
  resource_group_name = azurerm_resource_group.holdfast.name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_user_assigned_identity" "courier" {
  name                = "id-holdfast-courier-${var.token}"
  resource_group_name = azurerm_resource_group.holdfast.name
  location            = var.location
  tags                = var.tags
}

# The custom role: what facts/role.json says, and nothing more.
resource "azurerm_role_definition" "holdfast" {
  name              = "Holdfast ${var.token}"
  description       = local.role.Description
  scope             = local.scopes[0]
  assignable_scopes = local.scopes
  permissions {
    actions     = var.role_actions == null ? local.role.Actions : var.role_actions
    not_actions = []
  }
}
