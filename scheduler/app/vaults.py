"""What is kept sealed for each partner, on this machine. Not here: what is in it (the adapters)."""

from __future__ import annotations

from scheduler.adapters.system import new_secret
from scheduler.ports import Store, Vault
from scheduler.settings import Settings


def vault_of(settings: Settings, store: Store, partner: str) -> Vault:
    # The ciphers are a large library that a couple with two folders never needs.
    from scheduler.adapters.vault import KeyFile, SealedVault

    return SealedVault(store, KeyFile(settings.keys, new_secret), settings.couple.id, partner)


def vaults_of(settings: Settings, store: Store) -> dict[str, Vault]:
    """By partner id."""
    return {partner.id: vault_of(settings, store, partner.id) for partner in settings.couple.partners}
