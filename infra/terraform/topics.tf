# The topic that Holdfast publishes to (docs/events.md).
resource "azurerm_eventgrid_topic" "holdfast" {
  name                          = "evgt-holdfast-${var.token}"
  resource_group_name           = azurerm_resource_group.holdfast.name
  location                      = var.location
  tags                          = var.tags
  input_schema                  = "EventGridSchema"
  local_auth_enabled            = false
  minimum_tls_version           = "1.2"
  public_network_access_enabled = true
}

# EventGrid Data Sender
resource "azurerm_role_assignment" "publishes_events" {
  scope              = azurerm_eventgrid_topic.holdfast.id
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.built_in}/d5a91429-5739-47e2-a06b-3470a27159e7"
}

# Security alerts arrive here by continuous export. Defender sends with a key of its own, which may only send.
resource "azurerm_eventhub_namespace" "alerts" {
  count                         = var.export_alerts ? 1 : 0
  name                          = "holdfast-${var.token}"
  resource_group_name           = azurerm_resource_group.holdfast.name
  location                      = var.location
  tags                          = var.tags
  sku                           = "Standard"
  capacity                      = 1
  minimum_tls_version           = "1.2"
  public_network_access_enabled = true
}

resource "azurerm_eventhub" "alerts" {
  count             = var.export_alerts ? 1 : 0
  name              = "holdfast-alerts"
  namespace_id      = azurerm_eventhub_namespace.alerts[0].id
  partition_count   = 2
  message_retention = 7
}

resource "azurerm_eventhub_authorization_rule" "defender" {
  count               = var.export_alerts ? 1 : 0
  name                = "defender-sends"
  namespace_name      = azurerm_eventhub_namespace.alerts[0].name
  eventhub_name       = azurerm_eventhub.alerts[0].name
  resource_group_name = azurerm_resource_group.holdfast.name
  send                = true
  listen              = false
  manage              = false
}

# Azure Event Hubs Data Receiver
resource "azurerm_role_assignment" "receives" {
  count              = var.export_alerts ? 1 : 0
  scope              = azurerm_eventhub.alerts[0].id
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.built_in}/a638d3c7-ab3a-418d-83e6-5f17a39d4fde"
}
