"""The store of previews."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, any_, delete, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from catalog.records.previews import Preview as PreviewRecord
from catalog.tables import Preview


class PreviewStore:
    """Rows of previews, one for a file at most."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, file_id: int) -> PreviewRecord | None:
        """Return the preview of a file; None if none was made."""
        row = self._session.execute(
            select(Preview.png, Preview.width, Preview.height, Preview.problem).where(
                Preview.file_id == file_id
            )
        ).first()
        return None if row is None else PreviewRecord(*row)

    def keep(self, file_id: int, preview: PreviewRecord) -> None:
        """Keep the preview of a file; one that is there already stays."""
        self._session.execute(
            insert(Preview)
            .values(
                file_id=file_id,
                png=preview.png,
                width=preview.width,
                height=preview.height,
                problem=preview.problem,
            )
            .on_conflict_do_nothing()
        )

    def forget(self, file_ids: Iterable[int]) -> None:
        """Remove the previews of files."""
        ids = literal(list(file_ids), ARRAY(BigInteger))
        self._session.execute(delete(Preview).where(Preview.file_id == any_(ids)))
