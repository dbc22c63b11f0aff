"""The store of nodes."""

from datetime import UTC, datetime
from typing import ClassVar, Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from catalog.records.execution import NodeResources
from catalog.records.work import NodeRecord
from catalog.stores.store import Store, columns_of
from catalog.tables import Node

_NODE_OF_HOST: Final = select(*columns_of(Node, NodeRecord)).where(
    Node.hostname == bindparam("hostname")
)


class NodeStore(Store[NodeRecord]):
    """Rows of nodes."""

    table = Node
    record = NodeRecord
    noun: ClassVar[str] = "node"

    def seen(self, hostname: str) -> NodeRecord:
        """Register a host at its first execution; return its node."""
        for found in self._records(_NODE_OF_HOST, hostname=hostname):
            return found
        self._session.execute(
            insert(Node)
            .values(hostname=hostname, last_offer=datetime.now(UTC))
            .on_conflict_do_nothing(index_elements=["hostname"])
        )
        return self._records(_NODE_OF_HOST, hostname=hostname)[0]

    def alive(self, hostname: str) -> None:
        """Note that a host gives signs of life, and register it at the first."""
        row = insert(Node).values(hostname=hostname, last_offer=func.clock_timestamp())
        self._session.execute(
            row.on_conflict_do_update(
                index_elements=["hostname"],
                set_={"last_offer": row.excluded.last_offer, "last_modified": Node.last_modified},
            )
        )

    def silence(self, node_id: int) -> float:
        """Return how many seconds ago a node gave its last sign of life."""
        seconds = func.extract("epoch", func.clock_timestamp() - Node.last_offer)
        return float(self._session.scalars(select(seconds).where(Node.id == node_id)).one())

    def report(self, hostname: str, resources: NodeResources) -> None:
        """Keep what a host has and uses; that is no edit of the node."""
        node = self.seen(hostname)
        total, used = resources.total, resources.used
        self._session.execute(
            update(Node)
            .where(Node.id == node.id)
            .values(
                last_offer=func.clock_timestamp(),
                last_modified=Node.last_modified,
                cpus_total=total.cpus,
                mem_total=total.mem,
                disk_total=total.disk,
                cpus_used=used.cpus,
                mem_used=used.mem,
                disk_used=used.disk,
                slots=resources.slots,
            )
        )
