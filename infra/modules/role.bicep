// The custom role: what facts/role.json says, and nothing more.
targetScope = 'subscription'

param actions array
param scopes array

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'holdfast')
  properties: {
    roleName: 'Holdfast ${uniqueString(subscription().id)}'
    description: 'Looks at Azure Database for PostgreSQL servers and puts their configuration back.'
    type: 'CustomRole'
    permissions: [{ actions: actions, notActions: [] }]
    assignableScopes: scopes
  }
}

output name string = role.name
