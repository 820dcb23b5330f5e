"""Criteria that searches for adjustments and for templates share (ADJ-11, TPL-04)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table

from gateway.domain.adjustment import HeaderCriteria
from gateway.domain.template import TemplateCriteria


def made_as_asked(query: Select[Any], head: Table, criteria: HeaderCriteria | TemplateCriteria) -> Select[Any]:
    """Limit *query* to headers of the store made when, by whom and with the status that *criteria* ask for.

    Newest first.
    """
    columns = head.c
    query = query.where(columns.store_id == criteria.store_id)
    if criteria.created_from is not None:
        query = query.where(columns.create_date >= criteria.created_from)
    if criteria.created_to is not None:
        query = query.where(columns.create_date <= criteria.created_to)
    if criteria.status is not None:
        query = query.where(columns.status == criteria.status)
    if criteria.created_by is not None:
        query = query.where(columns.create_user == criteria.created_by)
    return query.order_by(columns.create_date.desc(), columns.id.desc())
