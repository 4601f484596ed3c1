// The store. No key opens it: who may do what is said by roles.
param location string
param tags object
param token string
param appPrincipal string
param courierPrincipal string

var queues = ['holdfast-events', 'holdfast-reconcile', 'holdfast-sweep', 'holdfast-deliver']
var poison = [for queue in queues: '${queue}-poison']
var owner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
var queueContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
var queueSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a' // Storage Queue Data Message Sender
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: 'sthf${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: { deleteRetentionPolicy: { enabled: true, days: 14 } }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = {
  parent: blobs
  name: 'app-package'
  properties: { publicAccess: 'None' }
}

resource undelivered 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = {
  parent: blobs
  name: 'holdfast-undelivered'
  properties: { publicAccess: 'None' }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' = {
  parent: account
  name: 'default'
}

// Neither Event Grid nor the Functions host makes a queue that is missing.
resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' = [for name in concat(queues, poison): {
  parent: queueService
  name: name
}]

resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [owner, queueContributor, tableContributor]: {
  name: guid(account.id, appPrincipal, role)
  scope: account
  properties: {
    principalId: appPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource courierQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(queue[0].id, courierPrincipal, queueSender)
  scope: queue[0]
  properties: {
    principalId: courierPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueSender)
  }
}

resource courierBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(undelivered.id, courierPrincipal, blobContributor)
  scope: undelivered
  properties: {
    principalId: courierPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

output id string = account.id
output name string = account.name
output packages string = '${account.properties.primaryEndpoints.blob}${packages.name}'
