"""The search behind `solve`: ruin and recreate on compiled arrays, with quantities always exact for their routes."""
