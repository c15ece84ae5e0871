"""The store itself: values in, values out, and each row belongs to one workspace."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlmodel import Session, SQLModel, col, delete, func, select

from engine.dataset import Choices, ColumnRole
from engine.errors import NotKept, StoreProblem
from engine.json_values import dump, load
from engine.store import JSON, PurchaseOrder, SavedDataset, SavedScenario, ScenarioRecord
from engine.store.connection import bring_up_to_date, connect, explain, for_writing, parse
from engine.store.tables import AnswerRow, DatasetRow, PurchaseOrderRow, RememberedRow, RoleRow, ScenarioRow
from engine.store.talks import Talks


def open_store(url: str) -> "Store":
    """Open the database at this SQLAlchemy URL, made or brought up to date where needed.

    Raises:
        StoreProblem: it cannot be opened, or a newer version of Dyocense made it.
    """
    return Store(url)


class Store:
    """Saved files, choices, scenarios, purchase orders and what the owner told us; safe to share among threads.

    What was asked the Coach is in `talks`.

    Each method takes the workspace first and sees nothing outside it; an empty workspace is a ValueError.
    Each may raise StoreProblem, which says what to do.

    Args:
        url: SQLAlchemy URL of the database.
    """

    def __init__(self, url: str) -> None:
        self._url = parse(url)
        self._reading = connect(self._url)
        self._writing = for_writing(self._reading)
        with ExitStack() as unless_opened:
            unless_opened.callback(self.close)
            with self._explain_errors():
                bring_up_to_date(self._reading)
            unless_opened.pop_all()
        self.talks = Talks(self._session)

    def close(self) -> None:
        """Let go of the database."""
        self._reading.dispose()

    def save_dataset(self, workspace: str, name: str, content: bytes, *, saved_at: datetime) -> SavedDataset:
        """Keep a file; bytes that are there already get the new name and time, and stay one file.

        Args:
            workspace: whose it is.
            name: the file's name.
            content: its bytes.
            saved_at: now, UTC.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        saved = SavedDataset(sha256, name, len(content), _utc(saved_at))
        row = DatasetRow(
            workspace_id=workspace, sha256=sha256, name=name, size=saved.size, saved_at=saved.saved_at, content=content
        )
        self._put(workspace, [row])
        return saved

    def datasets(self, workspace: str) -> tuple[SavedDataset, ...]:
        """The files of a workspace, newest first."""
        columns = select(DatasetRow.sha256, DatasetRow.name, DatasetRow.size, DatasetRow.saved_at)
        query = columns.where(DatasetRow.workspace_id == workspace)
        with self._session(workspace) as session:
            rows = session.exec(query.order_by(col(DatasetRow.saved_at).desc(), DatasetRow.name)).all()
        return tuple(SavedDataset(*row) for row in rows)

    def content(self, workspace: str, sha256: str) -> bytes:
        """The bytes of a file.

        Raises:
            NotKept: the workspace has no such file.
        """
        query = select(DatasetRow.content).where(DatasetRow.workspace_id == workspace, DatasetRow.sha256 == sha256)
        with self._session(workspace) as session:
            content = session.exec(query).first()
        if content is None:
            raise NotKept("file")
        return content

    def delete_dataset(self, workspace: str, sha256: str) -> None:
        """Forget a file and the scenarios about it; nothing happens if there is none."""
        gone = delete(DatasetRow).where(col(DatasetRow.workspace_id) == workspace, col(DatasetRow.sha256) == sha256)
        with self._session(workspace, writes=True) as session:
            session.exec(gone)

    def save_choices(self, workspace: str, choices: Choices) -> None:
        """Remember these decisions, and no others."""
        roles = [
            RoleRow(workspace_id=workspace, fingerprint=fingerprint, column_name=name, role=role.value)
            for fingerprint, columns in choices.roles.items()
            for name, role in columns.items()
        ]
        answers = [
            AnswerRow(workspace_id=workspace, question=question, chosen=chosen)
            for question, chosen in choices.answers.items()
        ]
        with self._session(workspace, writes=True) as session:
            session.exec(delete(RoleRow).where(col(RoleRow.workspace_id) == workspace))
            session.exec(delete(AnswerRow).where(col(AnswerRow.workspace_id) == workspace))
            session.add_all([*roles, *answers])

    def choices(self, workspace: str) -> Choices:
        """All that the owner has decided about files so far."""
        roles_query = select(RoleRow.fingerprint, RoleRow.column_name, RoleRow.role).where(
            RoleRow.workspace_id == workspace
        )
        answers_query = select(AnswerRow.question, AnswerRow.chosen).where(AnswerRow.workspace_id == workspace)
        roles: dict[str, dict[str, ColumnRole]] = defaultdict(dict)
        with self._session(workspace) as session:
            for fingerprint, name, role in session.exec(roles_query):
                roles[fingerprint][name] = ColumnRole(role)
            return Choices(dict(roles), dict(session.exec(answers_query).all()))

    def save_scenario(self, workspace: str, scenario: ScenarioRecord, *, saved_at: datetime) -> SavedScenario:
        """Keep a scenario under a new id.

        Args:
            workspace: whose it is.
            scenario: about a file of this workspace.
            saved_at: now, UTC.

        Raises:
            NotKept: its file is not saved in this workspace.
        """
        row = ScenarioRow(
            id=secrets.token_urlsafe(12),
            workspace_id=workspace,
            name=scenario.name,
            page=scenario.page,
            dataset_sha256=scenario.dataset_sha256,
            parameters=dict(scenario.parameters),
            headline=scenario.headline,
            saved_at=_utc(saved_at),
        )
        file = select(DatasetRow.sha256).where(
            DatasetRow.workspace_id == workspace, DatasetRow.sha256 == scenario.dataset_sha256
        )
        saved = _saved_scenario(row)
        with self._session(workspace, writes=True) as session:
            if session.exec(file).first() is None:
                raise NotKept("file")
            session.add(row)
        return saved

    def scenarios(self, workspace: str, page: str) -> tuple[SavedScenario, ...]:
        """The scenarios of one page, newest first."""
        query = select(ScenarioRow).where(ScenarioRow.workspace_id == workspace, ScenarioRow.page == page)
        with self._session(workspace) as session:
            rows = session.exec(query.order_by(col(ScenarioRow.saved_at).desc(), ScenarioRow.name)).all()
            return tuple(_saved_scenario(row) for row in rows)

    def delete_scenario(self, workspace: str, scenario_id: str) -> None:
        """Forget a scenario; nothing happens if there is none."""
        gone = delete(ScenarioRow).where(col(ScenarioRow.workspace_id) == workspace, col(ScenarioRow.id) == scenario_id)
        with self._session(workspace, writes=True) as session:
            session.exec(gone)

    def remember(self, workspace: str, subject: str, value: JSON) -> None:
        """Keep what the owner tells us about a subject, in place of what was known; None forgets it.

        Args:
            workspace: whose it is.
            subject: under which it is found again.
            value: what JSON can hold.
        """
        if value is not None:
            self._put(workspace, [RememberedRow(workspace_id=workspace, subject=subject, value=value)])
            return
        mine, same = col(RememberedRow.workspace_id) == workspace, col(RememberedRow.subject) == subject
        with self._session(workspace, writes=True) as session:
            session.exec(delete(RememberedRow).where(mine, same))

    def remembered(self, workspace: str, subject: str) -> JSON:
        """What the owner told us about a subject, sequences as lists; None when nothing."""
        query = select(RememberedRow.value).where(
            RememberedRow.workspace_id == workspace, RememberedRow.subject == subject
        )
        with self._session(workspace) as session:
            value: JSON = session.exec(query).first()
            return value

    def add_orders(
        self, workspace: str, business: str, orders: Sequence[PurchaseOrder], *, after: int
    ) -> tuple[PurchaseOrder, ...]:
        """Keep approved orders under the next numbers.

        Args:
            workspace: whose they are.
            business: which one orders; each counts its orders from 1 on.
            orders: not numbered yet.
            after: the last number that the owner saw, 0 for none, so that a second click orders nothing twice.

        Raises:
            StoreProblem: other orders were approved meanwhile; nothing is kept of these.
        """
        numbered = tuple(replace(order, number=after + place) for place, order in enumerate(orders, 1))
        mine = PurchaseOrderRow.workspace_id == workspace, PurchaseOrderRow.business == business
        with self._session(workspace, writes=True) as session:
            if (session.exec(select(func.max(PurchaseOrderRow.number)).where(*mine)).one() or 0) != after:
                raise _overtaken()
            session.add_all(_order_row(workspace, business, order) for order in numbered)
            try:
                session.flush()
            except IntegrityError:
                raise _overtaken() from None
        return numbered

    def purchase_orders(self, workspace: str, business: str) -> tuple[PurchaseOrder, ...]:
        """All orders of a business, the latest first."""
        query = select(PurchaseOrderRow.document).where(
            PurchaseOrderRow.workspace_id == workspace, PurchaseOrderRow.business == business
        )
        with self._session(workspace) as session:
            documents = session.exec(query.order_by(col(PurchaseOrderRow.number).desc())).all()
        return tuple(load(document, PurchaseOrder) for document in documents)

    def change_order(
        self, workspace: str, business: str, number: int, change: Callable[[PurchaseOrder], PurchaseOrder]
    ) -> PurchaseOrder:
        """Put in the place of an order what `change` makes of it as it stands now.

        Raises:
            NotKept: there is no such order.
        """
        with self._session(workspace, writes=True) as session:
            row = session.get(PurchaseOrderRow, (workspace, business, number), with_for_update=True)
            if row is None:
                raise NotKept("order")
            changed = change(load(row.document, PurchaseOrder))
            row.document = dump(changed, PurchaseOrder)
            return changed

    def _put(self, workspace: str, rows: Sequence[SQLModel]) -> None:
        """Insert or overwrite these rows, all or none."""
        with self._explain_errors():
            try:
                self._merge(workspace, rows)
            except IntegrityError:
                # Another program inserted one of them between our look and our insert; now it can be overwritten.
                self._merge(workspace, rows)

    def _merge(self, workspace: str, rows: Sequence[SQLModel]) -> None:
        _check(workspace)
        with Session(self._writing) as session, session.begin():
            for row in rows:
                session.merge(row)

    @contextmanager
    def _session(self, workspace: str, *, writes: bool = False) -> Iterator[Session]:
        """One transaction."""
        _check(workspace)
        with self._explain_errors(), Session(self._writing if writes else self._reading) as session, session.begin():
            yield session

    @contextmanager
    def _explain_errors(self) -> Iterator[None]:
        """Turn the database's errors into ours; a value that no database could keep is a mistake of the caller."""
        try:
            yield
        except DBAPIError as error:
            raise explain(error, self._url) from error
        except StatementError as error:
            raise (error.orig or error) from None
        except SQLAlchemyError as error:
            raise explain(error, self._url) from error


def _check(workspace: str) -> None:
    if not workspace:
        raise ValueError("a workspace needs a name, or all that have none would share their data")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def _order_row(workspace: str, business: str, order: PurchaseOrder) -> PurchaseOrderRow:
    document = dump(order, PurchaseOrder)
    return PurchaseOrderRow(workspace_id=workspace, business=business, number=order.number, document=document)


def _overtaken() -> StoreProblem:
    return StoreProblem("Orders were approved in another window meanwhile. Look at the list again before you approve.")


def _saved_scenario(row: ScenarioRow) -> SavedScenario:
    return SavedScenario(
        name=row.name,
        page=row.page,
        dataset_sha256=row.dataset_sha256,
        parameters=row.parameters,
        headline=row.headline,
        id=row.id,
        saved_at=row.saved_at,
    )
