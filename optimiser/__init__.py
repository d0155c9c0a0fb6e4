"""Pure planning: data in, checked plan out. No web, no database, no environment."""
