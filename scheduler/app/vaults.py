"""What is kept sealed for each partner, on this machine. Not here: what is in it (the adapters)."""

from __future__ import annotations

from scheduler.adapters.system import new_secret
from scheduler.adapters.vault import KeyFile, SealedVault
from scheduler.ports import Store, Vault
from scheduler.settings import Settings


def vault_of(settings: Settings, store: Store, partner: str) -> Vault:
    return SealedVault(store, KeyFile(settings.keys, new_secret), settings.couple.id, partner)
