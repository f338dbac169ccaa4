"""Decision support for peptide receptor radionuclide therapy (PRRT)."""
