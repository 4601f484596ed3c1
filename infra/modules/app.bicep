// The function app on Flex Consumption. It has no key and no password: everything is reached with its identity.
param location string
param tags object
param token string
param identity string
param client string
param storage string
param packages string
param insights string
param topic string
param hub string
param policy string
param subscriptions array
param pollAlerts bool
param zoneRedundant bool

var always = {
  AzureWebJobsStorage__accountName: storage
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: client
  AZURE_CLIENT_ID: client
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${client};Authorization=AAD'
  HOLDFAST_SUBSCRIPTIONS: join(subscriptions, ',')
  HOLDFAST_POLICY: policy
  HOLDFAST_TOPIC_ENDPOINT: topic
  HOLDFAST_POLL_ALERTS: string(pollAlerts)
}
var withHub = {
  HOLDFAST_ALERTS__fullyQualifiedNamespace: hub
  HOLDFAST_ALERTS__credential: 'managedidentity'
  HOLDFAST_ALERTS__clientId: client
}
var withoutHub = { 'AzureWebJobs.on_alert_batch.Disabled': 'true' }

resource plan 'Microsoft.Web/serverfarms@2025-05-01' = {
  name: 'plan-holdfast-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource app 'Microsoft.Web/sites@2025-05-01' = {
  name: 'func-holdfast-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'holdfast' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identity
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled', http20Enabled: true }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packages
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 40 }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-05-01' = {
  parent: app
  name: 'appsettings'
  properties: union(always, empty(hub) ? withoutHub : withHub)
}

resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-05-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-05-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
