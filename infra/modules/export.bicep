// Continuous export of one subscription's security alerts (docs/alerts.md).
param location string
param tags object
param hub string
param hubRule string

resource export 'Microsoft.Security/automations@2019-01-01-preview' = {
  name: 'holdfast-alerts'
  location: location
  tags: tags
  properties: {
    description: 'Security alerts to Holdfast'
    isEnabled: true
    scopes: [{ description: 'the subscription', scopePath: subscription().id }]
    sources: [{ eventSource: 'Alerts', ruleSets: [] }]
    actions: [
      {
        actionType: 'EventHub'
        eventHubResourceId: hub
        connectionString: listKeys(hubRule, '2026-01-01').primaryConnectionString
      }
    ]
  }
}
