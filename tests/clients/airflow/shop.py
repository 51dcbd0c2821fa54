"""Customers into a mailing list, by operators that tell their lineage."""
import datetime

from airflow.providers.openlineage.extractors import OperatorLineage
from airflow.sdk import DAG, BaseOperator
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import column_lineage_dataset as lineage
from openlineage.client.facet_v2 import schema_dataset as schema


def columns(*names):
    return {"schema": schema.SchemaDatasetFacet(fields=[schema.SchemaDatasetFacetFields(name=name, type="text") for name in names])}


class Load(BaseOperator):
    def execute(self, context):
        pass

    def get_openlineage_facets_on_complete(self, task_instance):
        source = lineage.InputField(namespace="postgres://crm:5432", name="crm.public.customers", field="email",
                                    transformations=[lineage.Transformation(type="DIRECT", subtype="IDENTITY")])
        facets = columns("address")
        facets["columnLineage"] = lineage.ColumnLineageDatasetFacet(fields={"address": lineage.Fields(inputFields=[source])})
        return OperatorLineage(
            inputs=[InputDataset("postgres://crm:5432", "crm.public.customers", facets=columns("id", "email"))],
            outputs=[OutputDataset("postgres://wh:5432", "wh.marts.mailing_list", facets=facets)],
        )


class Send(BaseOperator):
    def execute(self, context):
        pass

    def get_openlineage_facets_on_complete(self, task_instance):
        return OperatorLineage(inputs=[InputDataset("postgres://wh:5432", "wh.marts.mailing_list")])


with DAG("shop", schedule=None, start_date=datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)):
    Load(task_id="load") >> Send(task_id="send")
