# Tells people when the app itself is down or unwell.
resource "azurerm_monitor_action_group" "people" {
  name                = "ag-holdfast"
  resource_group_name = azurerm_resource_group.holdfast.name
  short_name          = "Holdfast"
  enabled             = true
  tags                = var.tags
  dynamic "email_receiver" {
    for_each = var.alert_mail == "" ? [] : [var.alert_mail]
    content {
      name                    = "operators"
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

# Flex Consumption has no health check of its own: five places ask from outside whether the app is alive.
resource "azurerm_application_insights_standard_web_test" "alive" {
  name                    = "holdfast-alive"
  resource_group_name     = azurerm_resource_group.holdfast.name
  location                = var.location
  application_insights_id = azurerm_application_insights.insights.id
  geo_locations           = ["emea-nl-ams-azr", "emea-gb-db3-azr", "us-va-ash-azr", "us-ca-sjc-azr", "apac-sg-sin-azr"]
  enabled                 = true
  frequency               = 300
  timeout                 = 60
  retry_enabled           = true
  tags                    = var.tags
  request {
    url       = "https://${azurerm_function_app_flex_consumption.app.default_hostname}/api/health/live"
    http_verb = "GET"
  }
  validation_rules {
    expected_status_code        = 200
    ssl_check_enabled           = true
    ssl_cert_remaining_lifetime = 7
  }
}

resource "azurerm_monitor_metric_alert" "dead" {
  name                = "holdfast-does-not-answer"
  resource_group_name = azurerm_resource_group.holdfast.name
  scopes              = [azurerm_application_insights.insights.id, azurerm_application_insights_standard_web_test.alive.id]
  description         = "GET /api/health/live does not answer. Nothing is reverted while the app is down; events wait in the queue."
  severity            = 1
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = var.tags
  application_insights_web_test_location_availability_criteria {
    web_test_id           = azurerm_application_insights_standard_web_test.alive.id
    component_id          = azurerm_application_insights.insights.id
    failed_location_count = 3
  }
  action {
    action_group_id = azurerm_monitor_action_group.people.id
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "unwell" {
  for_each                = { for rule in jsondecode(file("${path.module}/../facts/unwell.json")) : rule.name => rule }
  name                    = each.key
  display_name            = each.key
  resource_group_name     = azurerm_resource_group.holdfast.name
  location                = var.location
  description             = each.value.description
  severity                = each.value.severity
  enabled                 = true
  auto_mitigation_enabled = true
  scopes                  = [azurerm_application_insights.insights.id]
  evaluation_frequency    = each.value.evaluationFrequency
  window_duration         = each.value.windowSize
  tags                    = var.tags
  criteria {
    query                   = each.value.query
    metric_measure_column   = "measured"
    time_aggregation_method = "Maximum"
    operator                = each.value.operator
    threshold               = each.value.threshold
    failing_periods {
      number_of_evaluation_periods             = 1
      minimum_failing_periods_to_trigger_alert = 1
    }
  }
  action {
    action_groups = [azurerm_monitor_action_group.people.id]
  }
}

resource "azurerm_application_insights_workbook" "workbook" {
  name                = uuidv5("url", lower(azurerm_application_insights.insights.id))
  resource_group_name = azurerm_resource_group.holdfast.name
  location            = var.location
  display_name        = "Holdfast"
  category            = "workbook"
  source_id           = lower(azurerm_application_insights.insights.id)
  data_json           = file("${path.module}/../facts/workbook.json")
  tags                = var.tags
}
