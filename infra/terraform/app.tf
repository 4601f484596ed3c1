# The function app on Flex Consumption. It has no key and no password: everything is reached with its identity.
locals {
  client = azurerm_user_assigned_identity.app.client_id
  always = {
    AzureWebJobsStorage__accountName          = azurerm_storage_account.store.name
    AzureWebJobsStorage__credential           = "managedidentity"
    AzureWebJobsStorage__clientId             = local.client
    AZURE_CLIENT_ID                           = local.client
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "ClientId=${local.client};Authorization=AAD"
    HOLDFAST_SUBSCRIPTIONS                    = join(",", var.guarded)
    HOLDFAST_POLICY                           = var.policy
    HOLDFAST_TOPIC_ENDPOINT                   = azurerm_eventgrid_topic.holdfast.endpoint
    HOLDFAST_POLL_ALERTS                      = tostring(var.poll_alerts)
  }
  with_hub = {
    HOLDFAST_ALERTS__fullyQualifiedNamespace = "holdfast-${var.token}.servicebus.windows.net"
    HOLDFAST_ALERTS__credential              = "managedidentity"
    HOLDFAST_ALERTS__clientId                = local.client
  }
  without_hub = {
    "AzureWebJobs.on_alert_batch.Disabled" = "true"
  }
}

resource "azurerm_service_plan" "plan" {
  name                   = "plan-holdfast-${var.token}"
  resource_group_name    = azurerm_resource_group.holdfast.name
  location               = var.location
  tags                   = var.tags
  os_type                = "Linux"
  sku_name               = "FC1"
  zone_balancing_enabled = var.zone_redundant
}

resource "azurerm_function_app_flex_consumption" "app" {
  name                                           = "func-holdfast-${var.token}"
  resource_group_name                            = azurerm_resource_group.holdfast.name
  location                                       = var.location
  tags                                           = var.tags
  service_plan_id                                = azurerm_service_plan.plan.id
  https_only                                     = true
  public_network_access_enabled                  = true
  key_vault_reference_identity_id                = azurerm_user_assigned_identity.app.id
  webdeploy_publish_basic_authentication_enabled = false
  storage_container_type                         = "blobContainer"
  storage_container_endpoint                     = "${azurerm_storage_account.store.primary_blob_endpoint}${azurerm_storage_container.packages.name}"
  storage_authentication_type                    = "UserAssignedIdentity"
  storage_user_assigned_identity_id              = azurerm_user_assigned_identity.app.id
  runtime_name                                   = "python"
  runtime_version                                = "3.13"
  instance_memory_in_mb                          = 2048
  maximum_instance_count                         = 40
  app_settings                                   = merge(local.always, var.export_alerts ? local.with_hub : local.without_hub)
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.app.id]
  }
  site_config {
    application_insights_connection_string = azurerm_application_insights.insights.connection_string
    minimum_tls_version                    = "1.2"
    scm_minimum_tls_version                = "1.2"
    http2_enabled                          = true
  }
}
