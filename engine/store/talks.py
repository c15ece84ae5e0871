"""What owners asked the Coach: kept per workspace, and found again by likeness."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Protocol

import numpy as np
from sqlalchemy import Float, literal
from sqlmodel import Session, col, delete, select, update

from engine.arrays import Floats32
from engine.store import SavedTurn, Turn
from engine.store.tables import CLOSENESS, CoachingRow, Embedding


class OpensSessions(Protocol):
    """Gives one transaction of one workspace: what `Store` does."""

    def __call__(self, workspace: str, *, writes: bool = False) -> AbstractContextManager[Session]:
        """One transaction."""


class Talks:
    """Questions to the Coach; each method takes the workspace first and sees nothing outside it.

    Args:
        session: opens transactions.
    """

    def __init__(self, session: OpensSessions) -> None:
        self._session = session

    def add(self, workspace: str, turn: Turn, *, asked_at: datetime, embedding: Floats32 | None = None) -> SavedTurn:
        """Keep a question with its answer.

        Args:
            workspace: whose it is.
            turn: what was asked and answered.
            asked_at: when, with its time zone.
            embedding: the question's vector, unit length, shape (384,); None where there is no sentence model.
        """
        row = CoachingRow(
            id=token_urlsafe(12),
            workspace_id=workspace,
            talk=turn.talk,
            dataset_sha256=turn.dataset_sha256,
            asked_at=asked_at.astimezone(UTC),
            question=turn.question,
            tool=turn.tool,
            rating=turn.rating,
            answer=turn.answer,
            query_embedding=embedding,
        )
        saved = _turn(row)
        with self._session(workspace, writes=True) as session:
            session.add(row)
        return saved

    def of(self, workspace: str, dataset_sha256: str, *, most: int = 30) -> tuple[SavedTurn, ...]:
        """The latest conversation about a file, its latest `most` questions, the oldest of them first.

        Args:
            workspace: whose it is.
            dataset_sha256: the file.
            most: how many questions, > 0.
        """
        mine = select(CoachingRow).where(
            CoachingRow.workspace_id == workspace, CoachingRow.dataset_sha256 == dataset_sha256
        )
        newest = mine.order_by(col(CoachingRow.asked_at).desc(), CoachingRow.id)
        with self._session(workspace) as session:
            latest = session.exec(newest.limit(1)).first()
            if latest is None:
                return ()
            rows = session.exec(newest.where(CoachingRow.talk == latest.talk).limit(most)).all()
            return tuple(_turn(row) for row in reversed(rows))

    def rate(self, workspace: str, turn_id: str, rating: int) -> None:
        """Keep what the owner thinks of an answer: 1 right, -1 wrong, 0 nothing.

        Args:
            workspace: whose it is.
            turn_id: the question.
            rating: -1, 0 or 1.
        """
        mine, same = col(CoachingRow.workspace_id) == workspace, col(CoachingRow.id) == turn_id
        with self._session(workspace, writes=True) as session:
            session.exec(update(CoachingRow).where(mine, same).values(rating=rating))

    def lessons(self) -> tuple[tuple[str, str], ...]:
        """The tool and the question wherever an owner found the answer right or chose the tool: of all workspaces.

        Only for learning the classifier anew; a question is never shown to anybody else.
        """
        query = select(CoachingRow).where(CoachingRow.tool != "", CoachingRow.rating >= 0)
        with self._session("every workspace") as session:
            rows = session.exec(query.order_by(col(CoachingRow.asked_at))).all()
            return tuple((row.tool, row.question) for row in rows if row.rating > 0 or _was_chosen(row.answer))

    def forget(self, workspace: str) -> None:
        """Delete all questions of a workspace."""
        with self._session(workspace, writes=True) as session:
            session.exec(delete(CoachingRow).where(col(CoachingRow.workspace_id) == workspace))

    def similar(self, workspace: str, embedding: Floats32, *, most: int = 3) -> tuple[SavedTurn, ...]:
        """The questions whose vectors are closest to this one, the closest first; exact, nothing is left out.

        Args:
            workspace: whose they are.
            embedding: a vector of unit length.
            most: how many, > 0.
        """
        with self._session(workspace) as session:
            if session.get_bind().dialect.name == "postgresql":
                return _nearest_by_pgvector(session, workspace, embedding, most)
            return _nearest_by_numpy(session, workspace, embedding, most)


def _nearest_by_pgvector(session: Session, workspace: str, embedding: Floats32, most: int) -> tuple[SavedTurn, ...]:
    column = col(CoachingRow.query_embedding)
    distance = column.op(CLOSENESS, return_type=Float())(literal(embedding, Embedding()))
    query = select(CoachingRow, distance).where(CoachingRow.workspace_id == workspace, column.is_not(None))
    rows: Sequence[tuple[CoachingRow, float]] = session.exec(query.order_by(distance).limit(most)).all()
    return tuple(_turn(row, 1.0 - far) for row, far in rows)


def _nearest_by_numpy(session: Session, workspace: str, embedding: Floats32, most: int) -> tuple[SavedTurn, ...]:
    column = col(CoachingRow.query_embedding)
    pairs = session.exec(
        select(CoachingRow.id, column).where(CoachingRow.workspace_id == workspace, column.is_not(None))
    ).all()
    if not pairs:
        return ()
    closeness = np.stack([vector for _, vector in pairs]) @ embedding
    best = {pairs[place][0]: float(closeness[place]) for place in np.argsort(-closeness, kind="stable")[:most]}
    rows = {row.id: row for row in session.exec(select(CoachingRow).where(col(CoachingRow.id).in_(list(best)))).all()}
    return tuple(_turn(rows[turn_id], close) for turn_id, close in best.items())


def _was_chosen(answer: object) -> bool:
    return isinstance(answer, Mapping) and answer.get("chosen") is True


def _turn(row: CoachingRow, closeness: float = 0.0) -> SavedTurn:
    return SavedTurn(
        talk=row.talk,
        dataset_sha256=row.dataset_sha256,
        question=row.question,
        tool=row.tool,
        answer=row.answer,
        rating=row.rating,
        id=row.id,
        asked_at=row.asked_at,
        closeness=closeness,
    )
