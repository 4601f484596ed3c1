// Two identities: the app's own, and the courier's, which Event Grid uses to write into the queue and nothing else.
param location string
param tags object
param token string

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-holdfast-${token}'
  location: location
  tags: tags
}

resource courier 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-holdfast-courier-${token}'
  location: location
  tags: tags
}

output app string = app.id
output appPrincipal string = app.properties.principalId
output appClient string = app.properties.clientId
output courier string = courier.id
output courierPrincipal string = courier.properties.principalId
