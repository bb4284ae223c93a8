"""The protocol: vectors of the specification, tables of rules, properties."""
