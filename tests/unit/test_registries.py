"""The registries of names: each leads to a class, and none is imported by a check."""

import subprocess
import sys

import pytest

from pymarl import registries

TABLES = [getattr(registries, name) for name in dir(registries) if name.isupper()]


@pytest.mark.parametrize("registry", TABLES, ids=lambda registry: registry.key)
def test_every_registered_name_leads_to_a_class(registry):
    for name in registry:
        assert isinstance(registry[name], type)


def test_a_check_loads_neither_torch_nor_compiled_code():
    """``python -m pymarl check`` runs for every run of an experiment, and in ``snakemake -n``."""
    code = (
        "import sys; from pymarl.main import main\n"
        "for alg in ('qmix', 'coma', 'qtran', 'qplex', 'ow_qmix', 'qatten'):\n"
        "    for env in ('sim', 'matrix'):\n"
        "        assert main(['check', f'--config={alg}', f'--env-config={env}']) == 0\n"
        "loaded = {'torch', 'numba', 'sacred', 'pysc2'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True)
