"""How the risk models are made. Needs the `train` requirements; the service never imports this."""
