variable "name" {
  description = "Name of the installation."
  type        = string
}

variable "location" {
  description = "Region of everything that has one."
  type        = string
}

variable "token" {
  description = "Five to fifteen small letters and digits, unique in the world: they end the names that have to be."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]{5,15}$", var.token))
    error_message = "Five to fifteen small letters and digits are wanted."
  }
}

variable "guarded" {
  description = "Ids of all guarded subscriptions. Each has a module guard of its own, with its provider."
  type        = list(string)
}

variable "role_actions" {
  description = "The actions of the custom role. Null: those of ../facts/role.json (holdfast role)."
  type        = list(string)
  default     = null
}

variable "policy" {
  description = "Path of the policy in the app, or blob:CONTAINER/PATH. Empty: observe and change nothing."
  type        = string
  default     = ""
}

variable "export_alerts" {
  description = "Take in security alerts through an Event Hub."
  type        = bool
  default     = false
}

variable "poll_alerts" {
  description = "Ask Defender for alerts every five minutes instead."
  type        = bool
  default     = false
}

variable "zone_redundant" {
  description = "Spread the app over zones, where the region has them."
  type        = bool
  default     = false
}

variable "alert_mail" {
  description = "Who is mailed when Holdfast itself is unwell. Empty: nobody."
  type        = string
  default     = ""
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
