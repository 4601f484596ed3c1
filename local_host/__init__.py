"""A small local Functions host: the doors of Azure Functions Core Tools, Microsoft's own worker behind them."""
