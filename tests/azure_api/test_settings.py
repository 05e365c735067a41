"""Where we go is told before we go, and telling it costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from azure_api.settings import AzureSettings


def test_without_environment_it_is_azure_itself() -> None:
    """Nobody need set anything to reach Azure."""
    settings = AzureSettings.from_environment({})
    assert settings.is_azure
    assert settings.time_scale == 1.0


def test_description_names_endpoint_tenant_and_subscriptions() -> None:
    """One line says where a command will write."""
    environment = {"ORRERY_ARM_ENDPOINT": "https://localhost:8443/", "AZURE_TENANT_ID": "t-1"}
    line = AzureSettings.from_environment(environment).describe(["s-1", "s-2"])
    assert line == "not Azure: https://localhost:8443, tenant t-1, subscriptions s-1, s-2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORRERY_ARM_ENDPOINT", "http://localhost:8443"),
        ("ORRERY_TIME_SCALE", "0"),
        ("ORRERY_TIME_SCALE", "fast"),
        ("ORRERY_TIME_SCALE", "nan"),
        ("ORRERY_DEPLOYMENT_LIMIT", "-1"),
        ("ORRERY_MEMBERSHIP_LIMIT", "0"),
    ],
)
def test_wrong_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    """The message says which variable to correct."""
    with pytest.raises(ValueError, match=name):
        AzureSettings.from_environment({name: value})


@pytest.mark.parametrize("module", ["settings", "waiting", "ids", "errors", "client", "apply"])
def test_module_is_imported_without_the_sdk(module: str) -> None:
    """`orrery --help` and pure planning must not pay seconds for azure.mgmt."""
    code = (
        f"import sys, azure_api.{module}; "
        "print([name for name in sys.modules if name.split('.')[0] == 'azure'])"
    )
    run = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
