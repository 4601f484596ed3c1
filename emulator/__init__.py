"""A local Azure: the parts of Azure that Holdfast speaks to, answering as Azure does.

It exists so that the product, the official SDKs and the `az` CLI can be run, tested and learned
without a subscription. It decides nothing for the product and imports nothing from it.
What could not be checked against Azure or its documentation is marked "not verified".
"""
