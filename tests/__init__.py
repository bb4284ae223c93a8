"""The tests mirror the rooms of `privity`; `stories` are whole conversations."""
