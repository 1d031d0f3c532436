"""The tests. A package, so that tests.servers.google is never taken for the client's own package `google`."""
