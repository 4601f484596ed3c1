# Content equal to main.bicep; both read ../facts. State, provider and sign-in are those of whoever uses the module.
terraform {
  required_version = ">= 1.9"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}
