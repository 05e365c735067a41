"""What Terraform's azurerm provider asks of Azure, resource by resource, played in process.

`resources.yaml` is the contract, read from the provider's source; `provider.py` asks as
the provider and its SDK (go-azure-sdk) ask, with the same ways of waiting.
"""
