// Tells people when the app itself is down.
param location string
param tags object
param insights string
param url string
param mail string

var places = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'us-ca-sjc-azr', 'apac-sg-sin-azr']

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-holdfast'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'Holdfast'
    emailReceivers: empty(mail) ? [] : [{ name: 'operators', emailAddress: mail, useCommonAlertSchema: true }]
  }
}

// Flex Consumption has no health check of its own: five places ask from outside whether the app is alive.
resource alive 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'holdfast-alive'
  location: location
  tags: union(tags, { 'hidden-link:${insights}': 'Resource' })
  kind: 'standard'
  properties: {
    Name: 'holdfast-alive'
    SyntheticMonitorId: 'holdfast-alive'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 60
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: { RequestUrl: '${url}/api/health/live', HttpVerb: 'GET' }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource dead 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'holdfast-does-not-answer'
  location: 'global'
  tags: tags
  properties: {
    description: 'GET /api/health/live does not answer. Nothing is reverted while the app is down; events wait in the queue.'
    severity: 1
    enabled: true
    scopes: [insights, alive.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: alive.id
      componentId: insights
      failedLocationCount: 3
    }
    actions: [{ actionGroupId: people.id }]
  }
}

output actionGroup string = people.id
