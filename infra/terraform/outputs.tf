output "app" {
  value = azurerm_function_app_flex_consumption.app.name
}

output "url" {
  value = "https://${azurerm_function_app_flex_consumption.app.default_hostname}"
}

# What the modules guard and vault take.
output "installation" {
  sensitive = true
  value     = {
    location    = var.location
    tags        = var.tags
    principal   = azurerm_user_assigned_identity.app.principal_id
    role        = azurerm_role_definition.holdfast.role_definition_id
    courier     = azurerm_user_assigned_identity.courier.id
    storage     = azurerm_storage_account.store.id
    watchers    = azurerm_monitor_action_group.people.id
    hub         = var.export_alerts ? azurerm_eventhub.alerts[0].id : ""
    hub_sending = var.export_alerts ? azurerm_eventhub_authorization_rule.defender[0].primary_connection_string : ""
  }
}
