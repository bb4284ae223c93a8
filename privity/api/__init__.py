"""The doors: parse, call one room, render. No decisions are taken here."""
