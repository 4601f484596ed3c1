// The events of one subscription, into the queue that only Event Grid writes (docs/decisions/0004).
param tags object
param courier string
param storage string
param notifications bool
param watchers string

var filters = loadJsonContent('../facts/filters.json')
var delivery = {
  identity: { type: 'UserAssigned', userAssignedIdentity: courier }
  destination: {
    endpointType: 'StorageQueue'
    properties: { resourceId: storage, queueName: 'holdfast-events', queueMessageTimeToLiveInSeconds: 604800 }
  }
}
var undelivered = {
  identity: { type: 'UserAssigned', userAssignedIdentity: courier }
  deadLetterDestination: {
    endpointType: 'StorageBlob'
    properties: { resourceId: storage, blobContainerName: 'holdfast-undelivered' }
  }
}
var retry = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }

resource changes 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'holdfast-changes'
  location: 'global'
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${courier}': {} } }
  properties: { source: subscription().id, topicType: 'Microsoft.Resources.Subscriptions' }
}

resource changesToQueue 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: changes
  name: 'holdfast'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: filters.changes
    deliveryWithResourceIdentity: delivery
    deadLetterWithResourceIdentity: undelivered
    retryPolicy: retry
  }
}

resource notices 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (notifications) {
  name: 'holdfast-notifications'
  location: 'global'
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${courier}': {} } }
  properties: { source: subscription().id, topicType: 'Microsoft.ResourceNotifications.Resources' }
}

resource noticesToQueue 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (notifications) {
  parent: notices
  name: 'holdfast'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: filters.notifications
    deliveryWithResourceIdentity: delivery
    deadLetterWithResourceIdentity: undelivered
    retryPolicy: retry
  }
}

resource lost 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'holdfast-events-undelivered'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid could not deliver events to Holdfast; they lie in the container holdfast-undelivered.'
    severity: 2
    enabled: true
    scopes: [changes.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'undelivered'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'DeadLetteredCount'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
      ]
    }
    actions: [{ actionGroupId: watchers }]
  }
}
