"""Templates of all stores as the command line lists them, without a caller whose stores would limit the view."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.errors import refuse
from gateway.domain.template import AdjustmentTemplate, TemplateCriteria, TemplateHeader
from gateway.persistence import templates
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database, UnitOfWork


class TemplateLists:
    """Lists and shows templates to who runs the gateway."""

    def __init__(self, database: Database, references: ReferenceCache) -> None:
        self._database, self._references = database, references

    def list(self, store_id: int | None, status: AdjustmentStatus | None) -> Sequence[tuple[int, TemplateHeader]]:
        """Return store and header of templates, newest first within a store; None means any.

        Raises:
            RulesBroken: the store is not known.
        """

        def work(uow: UnitOfWork) -> Sequence[tuple[int, TemplateHeader]]:
            stores = self._references.current(uow).stores
            if store_id is not None and store_id not in stores:
                text, remedy = f"store {store_id} is not known.", "Use an id that `gateway store list` shows."
                raise refuse("ADJ-16", text, remedy, field="store", value=store_id)
            return [
                (one, header)
                for one in (stores if store_id is None else [store_id])
                for header in templates.find_headers(uow, TemplateCriteria(one, status=status))
            ]

        return self._database.read(work)

    def show(self, template_id: int) -> AdjustmentTemplate:
        """Return a template with its lines.

        Raises:
            RulesBroken: the template is not known.
        """
        template = self._database.read(lambda uow: templates.get(uow, template_id))
        if template is None:
            text, remedy = f"template {template_id} is not known.", "Use an id that `gateway template list` shows."
            raise refuse("ADJ-16", text, remedy, field="template_id", value=template_id)
        return template
