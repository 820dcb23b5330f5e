"""What the people who run the gateway maintain; each noun has its own class."""

from __future__ import annotations

from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database
from gateway.usecases.access import Access
from gateway.usecases.assortment import Items, Stores
from gateway.usecases.parameters import ParametersMaintenance, SubBuckets
from gateway.usecases.reasons import Reasons
from gateway.usecases.template_lists import TemplateLists
from gateway.usecases.users import Users


class Maintenance:
    """All maintenance of one database, by noun."""

    def __init__(self, database: Database, references: ReferenceCache, access: Access) -> None:
        self.reasons = Reasons(database, references)
        self.sub_buckets = SubBuckets(database, references)
        self.parameters = ParametersMaintenance(database, references)
        self.users = Users(database, references, access)
        self.stores = Stores(database, references)
        self.items = Items(database)
        self.templates = TemplateLists(database, references)
