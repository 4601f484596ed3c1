"""Microsoft.ManagedServices/registrationAssignments: rights that people of another tenant hold here (Azure Lighthouse).

The definition comes with the assignment, as with `$expandRegistrationDefinition=true`, which is all that is asked for.
"""

from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain
from emulator.resources.settable import TEXT

PLAIN = (
    Plain(
        "Microsoft.ManagedServices/registrationAssignments",
        ("2022-10-01",),
        Form(
            {"registrationDefinitionId": TEXT, "registrationDefinition": TABLE},
            required=("properties.registrationDefinitionId",),
        ),
        facts=lambda _, __: {"provisioningState": "Succeeded"},
    ),
)
