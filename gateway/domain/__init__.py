"""Rules of store inventory as values and functions: no session, no XML, no clock; standard library only."""
