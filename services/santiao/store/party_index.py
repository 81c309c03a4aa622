"""The party index of one shard within one transaction: which of its sources carry a blind token, and how many.

A shard is the unit of linking: what another city's sources carry is neither counted nor found.

Carriers of a rare token are read whole, for a batch at once. A token carried by more than `COMMON_FROM` sources has a row with its
exact count in `common_tokens`, so that a property firm in ten thousand disputes costs one row and not ten thousand. A token no
longer told stays with `live` 0, because an erasure must find older versions too.
"""

from collections.abc import Iterable, Mapping, Sequence

from santiao.domain.ids import SourceId
from santiao.domain.links.tokens import IndexToken
from santiao.store import tables
from santiao.store.shelf import PK_BITS, Shelf

COMMON_FROM = 256
"""Above every cap of the linking policy (checked at start), below what reading whole would cost."""


class PartyIndex:
    """Tokens to sources as the database holds them; the transaction's own changes are the linker's to overlay."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        first, last = shelf.shard << PK_BITS, (shelf.shard + 1 << PK_BITS) - 1
        self._here = f"AND source_pk BETWEEN {first} AND {last} AND live = 1"
        self._carriers: dict[int, tuple[SourceId, ...]] = {}
        self._common: dict[int, int] = {}
        self._some: dict[tuple[int, int], tuple[SourceId, ...]] = {}

    def prefetch(self, tokens: Iterable[int]) -> set[SourceId]:
        """Read the carriers of these tokens, common ones left out; the sources found."""
        wanted = {token for token in tokens if token not in self._carriers and token not in self._common}
        if not wanted:
            return set()
        database, connection = self.shelf.database, self.shelf.connection
        common = database.select_in(
            connection,
            tables.common_tokens,
            ("token", "carriers"),
            "token",
            wanted,
            suffix=f"AND shard = {int(self.shelf.shard)}",
        )
        self._common.update((token, carriers) for token, carriers in common)
        rare = sorted(wanted - self._common.keys())
        rows = database.select_in(
            connection, tables.party_index, ("token", "source_pk"), "token", rare, suffix=self._here
        )
        found: dict[int, set[int]] = {token: set() for token in rare}
        for token, pk in rows:
            found[token].add(pk)
        self.shelf.prefetch_source_pks({pk for _, pk in rows})
        names: set[SourceId] = set()
        for token, pks in found.items():
            carriers = tuple(name for pk in sorted(pks) if (name := self.shelf.name_of(pk)) is not None)
            self._carriers[token] = carriers
            names.update(carriers)
        return names

    def count(self, token: int) -> int:
        """How many sources carry a token."""
        carriers = self._carriers.get(token)
        if carriers is None:
            if token not in self._common:
                self.prefetch((token,))
            if token in self._common:
                return self._common[token]
            carriers = self._carriers[token]
        return len(carriers)

    def carriers(self, token: int, limit: int) -> Sequence[SourceId]:
        """Carriers of a token, `limit` at most, always the same ones first."""
        carriers = self._carriers.get(token)
        if carriers is None and token not in self._common:
            self.prefetch((token,))
            carriers = self._carriers.get(token)
        if carriers is not None:
            return carriers[:limit] if carriers else ()
        key = (token, limit)
        if key not in self._some:
            mark = "?" if self.shelf.database.is_sqlite else "%s"
            rows = self.shelf.connection.exec_driver_sql(
                "SELECT DISTINCT source_pk FROM party_index "
                f"WHERE token = {mark} {self._here} ORDER BY source_pk LIMIT {mark}",
                (token, limit),
            )
            self._some[key] = tuple(self.shelf.prefetch_source_pks(pk for (pk,) in rows))
        return self._some[key]

    def write(self, changes: Mapping[SourceId, tuple[Iterable[IndexToken], Iterable[IndexToken]]]) -> None:
        """Write which tokens sources carry now instead of before, in key order, and the counts of common ones."""
        shelf = self.shelf
        rows: list[tuple[int, int, int, int]] = []
        shift: dict[int, int] = {}
        for name, (before, after) in changes.items():
            pk = shelf.source_pks[name]
            old, new = {(each.token, each.slot) for each in before}, {(each.token, each.slot) for each in after}
            rows.extend((token, pk, slot, 0) for token, slot in old - new)
            rows.extend((token, pk, slot, 1) for token, slot in new - old)
            had, has = {token for token, _ in old}, {token for token, _ in new}
            for token in has - had:
                shift[token] = shift.get(token, 0) + 1
            for token in had - has:
                shift[token] = shift.get(token, 0) - 1
        shelf.database.insert(shelf.connection, tables.party_index, sorted(rows), on_conflict="replace")
        self._write_common(shift)

    def _write_common(self, shift: Mapping[int, int]) -> None:
        shelf = self.shelf
        common: list[tuple[int, int, int]] = []
        rare_again: list[tuple[int, int]] = []
        for token, change in shift.items():
            carriers = self.count(token) + change
            if carriers > COMMON_FROM:
                common.append((token, shelf.shard, carriers))
            elif token in self._common:
                rare_again.append((token, shelf.shard))
        shelf.database.insert(shelf.connection, tables.common_tokens, sorted(common), on_conflict="replace")
        shelf.database.execute_many(
            shelf.connection, "DELETE FROM common_tokens WHERE token = ? AND shard = ?", rare_again
        )
