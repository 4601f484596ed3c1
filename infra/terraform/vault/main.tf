# What happens to the keys themselves only the vault tells (docs/keys.md). It lies beside its vault.
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

variable "vault" {
  description = "The vault."
  type        = object({ id = string, name = string, location = string, resource_group_name = string })
}

variable "installation" {
  description = "The output installation of the module beside this one."
  type        = object({ tags = map(string), courier = string, storage = string })
}

resource "azurerm_eventgrid_system_topic" "vault" {
  name                = "holdfast-${var.vault.name}"
  resource_group_name = var.vault.resource_group_name
  location            = var.vault.location
  source_resource_id  = var.vault.id
  topic_type          = "Microsoft.KeyVault.vaults"
  tags                = var.installation.tags
  identity {
    type         = "UserAssigned"
    identity_ids = [var.installation.courier]
  }
}

resource "azurerm_eventgrid_system_topic_event_subscription" "to_queue" {
  name                  = "holdfast"
  system_topic          = azurerm_eventgrid_system_topic.vault.name
  resource_group_name   = var.vault.resource_group_name
  event_delivery_schema = "EventGridSchema"
  included_event_types  = jsondecode(file("${path.module}/../../facts/filters.json")).vaults.includedEventTypes
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
