// Security alerts arrive here by continuous export. Defender sends with a key of its own, which may only send.
param location string
param tags object
param token string
param appPrincipal string

var receiver = 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde' // Azure Event Hubs Data Receiver

resource namespace 'Microsoft.EventHub/namespaces@2026-01-01' = {
  name: 'holdfast-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: { minimumTlsVersion: '1.2', publicNetworkAccess: 'Enabled' }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2026-01-01' = {
  parent: namespace
  name: 'holdfast-alerts'
  properties: { partitionCount: 2, messageRetentionInDays: 7 }
}

resource send 'Microsoft.EventHub/namespaces/eventhubs/authorizationRules@2026-01-01' = {
  parent: hub
  name: 'defender-sends'
  properties: { rights: ['Send'] }
}

resource receives 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, appPrincipal, receiver)
  scope: hub
  properties: {
    principalId: appPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
  }
}

output id string = hub.id
output sender string = send.id
