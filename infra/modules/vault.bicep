// What happens to the keys themselves only the vault tells (docs/keys.md). It lies beside its vault.
param vault string
param tags object
param courier string
param storage string

var name = last(split(vault, '/'))

resource keys 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: name
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'holdfast-${name}'
  location: keys.location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${courier}': {} } }
  properties: { source: keys.id, topicType: 'Microsoft.KeyVault.vaults' }
}

resource toQueue 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'holdfast'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: loadJsonContent('../facts/filters.json').vaults
    deliveryWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: courier }
      destination: {
        endpointType: 'StorageQueue'
        properties: { resourceId: storage, queueName: 'holdfast-events', queueMessageTimeToLiveInSeconds: 604800 }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: courier }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storage, blobContainerName: 'holdfast-undelivered' }
      }
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
  }
}
