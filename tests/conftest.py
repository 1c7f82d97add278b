"""What holds for every test, wherever it lies: whatever it asks of a GitHub on loopback."""

pytest_plugins = ["tests.contract.openapi_plugin"]
