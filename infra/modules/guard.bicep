// One guarded subscription: the app's right there, and the events of what changes there.
targetScope = 'subscription'

param location string
param tags object
param principal string
param role string
param courier string
param storage string
param notifications bool
param watchers string
param hub string
param hubRule string

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-holdfast-events'
  location: location
  tags: tags
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(role)) {
  name: guid(subscription().id, principal, 'holdfast')
  properties: {
    principalId: principal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}

module events 'events.bicep' = {
  name: 'holdfast-events'
  scope: group
  params: { tags: tags, courier: courier, storage: storage, notifications: notifications, watchers: watchers }
}

module export 'export.bicep' = if (!empty(hub)) {
  name: 'holdfast-export'
  scope: group
  params: { location: location, tags: tags, hub: hub, hubRule: hubRule }
}
