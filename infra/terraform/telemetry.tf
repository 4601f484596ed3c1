# Application Insights on a Log Analytics workspace; only the app's identity may write into it.
resource "azurerm_log_analytics_workspace" "logs" {
  name                            = "log-holdfast-${var.token}"
  resource_group_name             = azurerm_resource_group.holdfast.name
  location                        = var.location
  tags                            = var.tags
  sku                             = "PerGB2018"
  retention_in_days               = 90
  local_authentication_enabled    = false
  allow_resource_only_permissions = true
}

resource "azurerm_application_insights" "insights" {
  name                          = "appi-holdfast-${var.token}"
  resource_group_name           = azurerm_resource_group.holdfast.name
  location                      = var.location
  tags                          = var.tags
  application_type              = "web"
  workspace_id                  = azurerm_log_analytics_workspace.logs.id
  local_authentication_disabled = true
}

# Monitoring Metrics Publisher
resource "azurerm_role_assignment" "publishes_metrics" {
  scope              = azurerm_application_insights.insights.id
  principal_id       = azurerm_user_assigned_identity.app.principal_id
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.built_in}/3913510d-42f4-4e42-8a64-420c390055eb"
}
