// Holdfast in one subscription, guarding one or more. What both this template and the Terraform module say is in facts/.
targetScope = 'subscription'

@minLength(1)
@maxLength(32)
@description('Name of the installation; azd gives its environment.')
param environmentName string

@description('Region of everything that has one.')
param location string

@description('Subscriptions to guard, by id. Empty: the one that is deployed into.')
param guarded array = []

@description('The actions of the custom role; facts/role.json holds those of a policy (holdfast role).')
param roleActions array = loadJsonContent('facts/role.json').Actions

@description('False where management-group.bicep gives the role to a whole management group.')
param assignRole bool = true

@description('Path of the policy in the app, or blob:CONTAINER/PATH. Empty: observe and change nothing.')
param policy string = ''

@description('Also be told of what the activity log misses, by Azure Resource Notifications.')
param resourceNotifications bool = false

@description('Take in security alerts through an Event Hub, by continuous export from every guarded subscription.')
param exportAlerts bool = false

@description('Ask Defender for alerts every five minutes instead.')
param pollAlerts bool = false

@description('Key vaults, by id, whose keys servers are encrypted with.')
param vaults array = []

@description('Spread the app over zones, where the region has them.')
param zoneRedundant bool = false

@description('Who is mailed when Holdfast itself is unwell. Empty: nobody.')
param alertMail string = ''

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
var subscriptions = empty(guarded) ? [subscription().subscriptionId] : guarded
var scopes = [for id in subscriptions: '/subscriptions/${id}']

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-holdfast-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'holdfast-identities'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module storage 'modules/storage.bicep' = {
  name: 'holdfast-storage'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    appPrincipal: identities.outputs.appPrincipal
    courierPrincipal: identities.outputs.courierPrincipal
  }
}

module telemetry 'modules/telemetry.bicep' = {
  name: 'holdfast-telemetry'
  scope: group
  params: { location: location, tags: tags, token: token, appPrincipal: identities.outputs.appPrincipal }
}

module health 'modules/health.bicep' = {
  name: 'holdfast-health'
  scope: group
  params: {
    location: location
    tags: tags
    insights: telemetry.outputs.insights
    url: app.outputs.url
    mail: alertMail
  }
}

module unwell 'modules/unwell.bicep' = {
  name: 'holdfast-unwell'
  scope: group
  params: {
    location: location
    tags: tags
    insights: telemetry.outputs.insights
    watchers: health.outputs.actionGroup
  }
}

module topic 'modules/topic.bicep' = {
  name: 'holdfast-topic'
  scope: group
  params: { location: location, tags: tags, token: token, appPrincipal: identities.outputs.appPrincipal }
}

module hub 'modules/hub.bicep' = if (exportAlerts) {
  name: 'holdfast-hub'
  scope: group
  params: { location: location, tags: tags, token: token, appPrincipal: identities.outputs.appPrincipal }
}

module app 'modules/app.bicep' = {
  name: 'holdfast-app'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    identity: identities.outputs.app
    client: identities.outputs.appClient
    storage: storage.outputs.name
    packages: storage.outputs.packages
    insights: telemetry.outputs.connection
    topic: topic.outputs.endpoint
    hub: exportAlerts ? 'holdfast-${token}.servicebus.windows.net' : ''
    policy: policy
    subscriptions: subscriptions
    pollAlerts: pollAlerts
    zoneRedundant: zoneRedundant
  }
}

module role 'modules/role.bicep' = if (assignRole) {
  name: 'holdfast-role'
  params: { actions: roleActions, scopes: scopes }
}

module guards 'modules/guard.bicep' = [for id in subscriptions: {
  name: 'holdfast-guard-${uniqueString(id)}'
  scope: subscription(id)
  params: {
    location: location
    tags: tags
    principal: identities.outputs.appPrincipal
    role: assignRole ? role.outputs.name : ''
    courier: identities.outputs.courier
    storage: storage.outputs.id
    notifications: resourceNotifications
    watchers: health.outputs.actionGroup
    hub: exportAlerts ? hub.outputs.id : ''
    hubRule: exportAlerts ? hub.outputs.sender : ''
  }
}]

module vaultEvents 'modules/vault.bicep' = [for id in vaults: {
  name: 'holdfast-vault-${uniqueString(id)}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { vault: id, tags: tags, courier: identities.outputs.courier, storage: storage.outputs.id }
}]

output AZURE_RESOURCE_GROUP string = group.name
output HOLDFAST_APP string = app.outputs.name
output HOLDFAST_URL string = app.outputs.url
output HOLDFAST_COURIER string = identities.outputs.courier
output HOLDFAST_STORAGE string = storage.outputs.id
output HOLDFAST_PRINCIPAL string = identities.outputs.appPrincipal
