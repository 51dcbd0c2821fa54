"""What engines that speak SQL are asked, once their recursion (`REACH`, `AUDIT`) is written in their idiom."""
import os


class Sql:
    """Needs `db`, `file`, `reach` and `audit`."""

    def disk(self):
        return os.path.getsize(self.file)

    def one(self, query, *values):
        return self.db.execute(query, values).fetchone()

    def q0(self, node):
        return self.one(
            "with recursive seen(node) as (select cast(? as int) union select target from seen join flow on source = seen.node) "
            "select count(*) - 1 from seen", node)[0]

    def q1(self, node, birth):
        return self.one(
            self.reach + " select count(*), coalesce(sum(least), 0) from (select party, min(arrival) as least from reached "
            "join node on node.id = reached.node where reached.node <> ? group by party)", node, birth, node)

    def q2(self, node, birth, party):
        found = self.reach + " select 1 from reached join node on node.id = reached.node where party = ? and reached.node <> ? limit 1"
        return self.one(found, node, birth, party, node) is not None

    def q3(self, fields):
        return self.one(self.audit, 1000 // fields)
