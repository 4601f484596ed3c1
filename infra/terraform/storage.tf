# The store. No key opens it: the provider needs storage_use_azuread = true, and who applies needs data roles on it.
locals {
  queues    = ["holdfast-events", "holdfast-reconcile", "holdfast-sweep", "holdfast-deliver"]
  app_roles = {
    blobs  = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b" # Storage Blob Data Owner
    queues = "974c5e8b-45b9-4653-ba55-5f855dd0fb88" # Storage Queue Data Contributor
    tables = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3" # Storage Table Data Contributor
  }
  built_in = "/providers/Microsoft.Authorization/roleDefinitions"
}

resource "azurerm_storage_account" "store" {
  name                             = "sthf${var.token}"
  resource_group_name              = azurerm_resource_group.holdfast.name
  location                         = var.location
  tags                             = var.tags
  account_kind                     = "StorageV2"
  account_tier                     = "Standard"
  account_replication_type         = "ZRS"
  access_tier                      = "Hot"
  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false
  shared_access_key_enabled        = false
  default_to_oauth_authentication  = true
  min_tls_version                  = "TLS1_2"
  https_traffic_only_enabled       = true
  public_network_access_enabled    = true
  blob_properties {
    delete_retention_policy {
      days = 14
    }
  }
}

resource "azurerm_storage_container" "packages" {
  name                  = "app-package"
  storage_account_id    = azurerm_storage_account.store.id
  container_access_type = "private"
}

resource "azurerm_storage_container" "undelivered" {
  name                  = "holdfast-undelivered"
  storage_account_id    = azurerm_storage_account.store.id
  container_access_type = "private"
}

# Neither Event Grid nor the Functions host makes a queue that is missing.
resource "azurerm_storage_queue" "queue" {
  for_each             = toset(concat(local.queues, [for name in local.queues : "${name}-poison"]))
  name                 = each.key
  storage_account_name = azurerm_storage_account.store.name
}

resource "azurerm_role_assignment" "app" {
  for_each           = local.app_roles
  scope              = azurerm_storage_account.store.id
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.built_in}/${each.value}"
}

# Storage Queue Data Message Sender
resource "azurerm_role_assignment" "courier_queue" {
  scope              = "${azurerm_storage_account.store.id}/queueServices/default/queues/${azurerm_storage_queue.queue["holdfast-events"].name}"
  principal_id       = azurerm_user_assigned_identity.courier.principal_id
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.built_in}/c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"
}

# Storage Blob Data Contributor
resource "azurerm_role_assignment" "courier_blobs" {
  scope              = "${azurerm_storage_account.store.id}/blobServices/default/containers/${azurerm_storage_container.undelivered.name}"
  principal_id       = azurerm_user_assigned_identity.courier.principal_id
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.built_in}/ba92f5b4-2d11-453d-a403-e96b0029c9fe"
}
