"""Who may do what: keys, scopes, tenants, quotas, and a record of what was done."""
