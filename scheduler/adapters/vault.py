"""One partner's tokens, passwords and marks, sealed in the store; the keys are in a file of their own.

Each partner has one key. Taking it out of the file makes everything that it sealed unreadable, old copies of the
state as well. A value is bound to its couple, partner and name: moved to another row it does not open.
Not here: what is kept under which name (the adapters that ask).
"""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from scheduler.domain.errors import Unavailable
from scheduler.ports import Store

_NONCE = 12
_FORMAT = b"\x01"


class KeyFile:
    """A random key for each owner, made when it is first asked for. ``secret`` gives 32 bytes that nobody can guess."""

    def __init__(self, path: Path, secret: Callable[[], bytes]) -> None:
        self._path = path
        self._secret = secret

    def key_of(self, owner: str) -> bytes | None:
        """Raises Unavailable, the file cannot be read, is damaged, or open to others."""
        return self._read().get(owner)

    def made(self, owner: str) -> bytes:
        """The owner's key, which is durable when it returns."""
        with self._alone():
            keys = self._read()
            if owner not in keys:
                keys[owner] = self._secret()
                self._write(keys)
            return keys[owner]

    def destroy(self, owner: str) -> None:
        """What was sealed for the owner can never be opened again."""
        with self._alone():
            keys = self._read()
            if keys.pop(owner, None):
                self._write(keys)

    def new_secret(self) -> bytes:
        return self._secret()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two programs that make a key at once must not lose one: the service, and `rituals connect` beside it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._path.with_name(f".{self._path.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as err:
            raise Unavailable(f"the key file {self._path} cannot be written ({err.strerror})") from err

    def _read(self) -> dict[str, bytes]:
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_mode & 0o077:
                    raise Unavailable(f"the key file is open to others; close it: chmod 600 {self._path}")
                return {owner: b64decode(key) for owner, key in json.load(file)["keys"].items()}
        except FileNotFoundError:
            return {}
        except OSError as err:
            raise Unavailable(f"the key file {self._path} cannot be read ({err.strerror})") from err
        except (ValueError, LookupError, AttributeError, TypeError):
            raise Unavailable(f"the key file {self._path} is damaged; put back a copy of it") from None

    def _write(self, keys: dict[str, bytes]) -> None:
        temporary = self._path.with_name(f".{self._path.name}.tmp")
        temporary.unlink(missing_ok=True)
        text = json.dumps({"keys": {owner: b64encode(key).decode() for owner, key in keys.items()}})
        with open(temporary, "x", opener=_for_owner, encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class SealedVault:
    """Fulfils Vault for one partner of one couple."""

    def __init__(self, store: Store, keys: KeyFile, couple: str, partner: str) -> None:
        self._store, self._keys = store, keys
        self._couple, self._partner = couple, partner

    def get(self, name: str) -> str | None:
        with self._store.transaction() as tx:
            sealed = tx.sealed(self._couple, self._partner, name)
        return None if sealed is None else self._opened(name, sealed)

    def put(self, name: str, value: str) -> None:
        key, nonce = self._keys.made(self._owner), self._keys.new_secret()[:_NONCE]
        sealed = ChaCha20Poly1305(key).encrypt(nonce, value.encode(), self._bound_to(name))
        with self._store.transaction() as tx:
            tx.save_sealed(self._couple, self._partner, name, _FORMAT + nonce + sealed)

    def forget(self, name: str) -> None:
        with self._store.transaction() as tx:
            tx.save_sealed(self._couple, self._partner, name, None)

    @property
    def _owner(self) -> str:
        return f"{self._couple}/{self._partner}"

    def _bound_to(self, name: str) -> bytes:
        return "\x1f".join((self._couple, self._partner, name)).encode()

    def _opened(self, name: str, sealed: bytes) -> str:
        key = self._keys.key_of(self._owner)
        start = len(_FORMAT) + _NONCE
        if key is None or not sealed.startswith(_FORMAT):
            raise Unavailable("what is kept of a partner's calendar needs a key that is not in the key file")
        try:
            plain = ChaCha20Poly1305(key).decrypt(sealed[len(_FORMAT) : start], sealed[start:], self._bound_to(name))
        except InvalidTag:
            raise Unavailable(
                "what is kept of a partner's calendar does not open with the key in the key file"
            ) from None
        return plain.decode()
