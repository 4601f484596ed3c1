// The right to guard every subscription of a management group, those added later included.
// az deployment mg create -m GROUP -l REGION -f infra/management-group.bicep -p principal=HOLDFAST_PRINCIPAL
targetScope = 'managementGroup'

@description('Object id of the app\'s identity: the output HOLDFAST_PRINCIPAL.')
param principal string

@description('The actions of the custom role; facts/role.json holds those of a policy (holdfast role).')
param roleActions array = loadJsonContent('facts/role.json').Actions

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, 'holdfast')
  properties: {
    roleName: 'Holdfast ${uniqueString(managementGroup().id)}'
    description: 'Looks at Azure Database for PostgreSQL servers and puts their configuration back.'
    type: 'CustomRole'
    permissions: [{ actions: roleActions, notActions: [] }]
    assignableScopes: [managementGroup().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, principal, 'holdfast')
  properties: {
    principalId: principal
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}
