// How Holdfast itself is: alert rules of facts/unwell.json, and a workbook, both over the metrics of docs/telemetry.md.
param location string
param tags object
param insights string
param watchers string

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in loadJsonContent('../facts/unwell.json'): {
  name: rule.name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.name
    description: rule.description
    severity: rule.severity
    enabled: true
    autoMitigate: true
    scopes: [insights]
    evaluationFrequency: rule.evaluationFrequency
    windowSize: rule.windowSize
    criteria: {
      allOf: [
        {
          query: rule.query
          metricMeasureColumn: 'measured'
          timeAggregation: 'Maximum'
          operator: rule.operator
          threshold: rule.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [watchers] }
  }
}]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insights, 'holdfast')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Holdfast'
    category: 'workbook'
    sourceId: insights
    serializedData: loadTextContent('../facts/workbook.json')
  }
}
