"""What the domain looks like in the database: tables, statements, repositories, one unit of work."""
