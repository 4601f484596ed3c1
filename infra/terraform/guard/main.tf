# One guarded subscription: the app's right there, and the events of what changes there. The provider is that subscription's.
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

variable "subscription" {
  description = "Id of the subscription."
  type        = string
}

variable "installation" {
  description = "The output installation of the module beside this one."
  type        = object({
    location = string, tags = map(string), principal = string, role = string, courier = string, storage = string,
    watchers = string, hub = string, hub_sending = string
  })
}

variable "notifications" {
  description = "Also be told of what the activity log misses, by Azure Resource Notifications."
  type        = bool
  default     = false
}

variable "export_alerts" {
  description = "Send the subscription's security alerts to the Event Hub of the installation."
  type        = bool
  default     = false
}

locals {
  scope   = "/subscriptions/${var.subscription}"
  filters = jsondecode(file("${path.module}/../../facts/filters.json"))
  topics  = merge(
    { changes = { name = "holdfast-changes", type = "Microsoft.Resources.Subscriptions" } },
    var.notifications ? { notifications = { name = "holdfast-notifications", type = "Microsoft.ResourceNotifications.Resources" } } : {}
  )
}

resource "azurerm_resource_group" "events" {
  name     = "rg-holdfast-events"
  location = var.installation.location
  tags     = var.installation.tags
}

resource "azurerm_role_assignment" "holdfast" {
  scope              = local.scope
  principal_id       = var.installation.principal
  principal_type     = "ServicePrincipal"
  role_definition_id = "${local.scope}/providers/Microsoft.Authorization/roleDefinitions/${var.installation.role}"
}

resource "azurerm_eventgrid_system_topic" "topic" {
  for_each            = local.topics
  name                = each.value.name
  resource_group_name = azurerm_resource_group.events.name
  location            = "Global"
  source_resource_id  = local.scope
  topic_type          = each.value.type
  tags                = var.installation.tags
  identity {
    type         = "UserAssigned"
    identity_ids = [var.installation.courier]
  }
}

# Into the queue that only Event Grid writes (docs/decisions/0004).
resource "azurerm_eventgrid_system_topic_event_subscription" "to_queue" {
  for_each              = local.topics
  name                  = "holdfast"
  system_topic          = azurerm_eventgrid_system_topic.topic[each.key].name
  resource_group_name   = azurerm_resource_group.events.name
  event_delivery_schema = "EventGridSchema"
  included_event_types  = local.filters[each.key].includedEventTypes
  advanced_filter {
    dynamic "string_begins_with" {
      for_each = [for one in local.filters[each.key].advancedFilters : one if one.operatorType == "StringBeginsWith"]
      content {
        key    = string_begins_with.value.key
        values = string_begins_with.value.values
      }
    }
    dynamic "string_contains" {
      for_each = [for one in local.filters[each.key].advancedFilters : one if one.operatorType == "StringContains"]
      content {
        key    = string_contains.value.key
        values = string_contains.value.values
      }
    }
  }
  storage_queue_endpoint {
    storage_account_id                    = var.installation.storage
    queue_name                            = "holdfast-events"
    queue_message_time_to_live_in_seconds = 604800
  }
  delivery_identity {
    type                   = "UserAssigned"
    user_assigned_identity = var.installation.courier
  }
  storage_blob_dead_letter_destination {
    storage_account_id          = var.installation.storage
    storage_blob_container_name = "holdfast-undelivered"
  }
  dead_letter_identity {
    type                   = "UserAssigned"
    user_assigned_identity = var.installation.courier
  }
  retry_policy {
    max_delivery_attempts = 30
    event_time_to_live    = 1440
  }
}

resource "azurerm_monitor_metric_alert" "lost" {
  name                = "holdfast-events-undelivered"
  resource_group_name = azurerm_resource_group.events.name
  scopes              = [azurerm_eventgrid_system_topic.topic["changes"].id]
  description         = "Event Grid could not deliver events to Holdfast; they lie in the container holdfast-undelivered."
  severity            = 2
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = var.installation.tags
  criteria {
    metric_namespace = "Microsoft.EventGrid/systemTopics"
    metric_name      = "DeadLetteredCount"
    aggregation      = "Total"
    operator         = "GreaterThan"
    threshold        = 0
  }
  action {
    action_group_id = var.installation.watchers
  }
}

# Continuous export of the subscription's security alerts (docs/alerts.md).
resource "azurerm_security_center_automation" "alerts" {
  count               = var.export_alerts ? 1 : 0
  name                = "holdfast-alerts"
  resource_group_name = azurerm_resource_group.events.name
  location            = var.installation.location
  description         = "Security alerts to Holdfast"
  enabled             = true
  scopes              = [local.scope]
  tags                = var.installation.tags
  source {
    event_source = "Alerts"
  }
  action {
    type              = "EventHub"
    resource_id       = var.installation.hub
    connection_string = var.installation.hub_sending
  }
}
