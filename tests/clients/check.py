"""Emits with real clients, asks the store, and fails when an answer is not what it must be."""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

PROGRAM = os.path.abspath(sys.argv[1]) if os.sep in sys.argv[1] else sys.argv[1]
HERE, SHOP = sys.argv[2], f"{sys.argv[2]}/shop"
AIRFLOW = sys.argv[3] if len(sys.argv) > 3 else None
KEY = "a key of this test"


def run(*arguments, **more):
    done = subprocess.run(arguments, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def must(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


class Server:
    def __init__(self, store, mapping, key):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--store", store, "--port", "0", "--mapping", mapping, "--lineage-key", key],
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            found = re.search(r"OpenLineage (http://\S+)", line)
            if found:
                self.url = found.group(1)
                return
        sys.exit("the server did not start")

    def counts(self):
        request = urllib.request.Request(f"{self.url}/api/v1/lineage", headers={"Authorization": f"Bearer {KEY}"})
        return json.load(urllib.request.urlopen(request))

    def applied(self):
        """Waits until every event has become facts."""
        for _ in range(200):
            counts = self.counts()
            if counts["applied"] == counts["events"]:
                return counts
            time.sleep(0.05)
        sys.exit(f"events do not become facts: {counts}")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def emit(url):
    """Events of every kind by the Python client."""
    os.environ.update(OPENLINEAGE_URL=url, OPENLINEAGE_API_KEY=KEY)
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import (DatasetEvent, InputDataset, Job, JobEvent, OutputDataset, Run, RunEvent,
                                             RunState, StaticDataset)
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage, schema_dataset as schema
    client = OpenLineageClient()
    now = lambda: datetime.datetime.now(datetime.timezone.utc).isoformat()
    columns = lambda *names: {"schema": schema.SchemaDatasetFacet(
        fields=[schema.SchemaDatasetFacetFields(name, "text") for name in names])}
    source = InputDataset("crm", "people", facets=columns("email", "city"))
    way = lineage.ColumnLineageDatasetFacet(fields={"to": lineage.Fields(inputFields=[lineage.InputField(
        "crm", "people", "email", [lineage.Transformation("DIRECT", "IDENTITY", "", False)])])})
    target = OutputDataset("mailer", "outbox", facets={**columns("to"), "columnLineage": way})
    job, one = Job("python", "mail"), Run(str(uuid.uuid4()))
    producer = "https://example.org/check"
    client.emit(RunEvent(eventType=RunState.START, eventTime=now(), run=one, job=job, producer=producer,
                         inputs=[source], outputs=[]))
    client.emit(RunEvent(eventType=RunState.COMPLETE, eventTime=now(), run=one, job=job, producer=producer,
                         inputs=[], outputs=[target]))
    client.emit(DatasetEvent(eventTime=now(), dataset=StaticDataset("crm", "other", facets=columns("x")),
                             producer=producer))
    client.emit(JobEvent(eventTime=now(), job=Job("python", "idle"), producer=producer, inputs=[], outputs=[]))
    client.close()


def dbt(url, folder):
    """The little shop under dbt-ol."""
    environment = {**os.environ, "OPENLINEAGE_URL": url, "OPENLINEAGE_API_KEY": KEY, "SHOP_DB": f"{folder}/shop.duckdb",
                   "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                   "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    run(f"{os.path.dirname(sys.executable)}/dbt-ol", "build", "--project-dir", SHOP, "--profiles-dir", SHOP,
        "--target-path", f"{folder}/target", "--log-path", f"{folder}/logs", env=environment)


def airflow(url, folder):
    """The little DAG under Airflow."""
    home = f"{folder}/airflow"
    shutil.copytree(f"{HERE}/airflow", f"{home}/dags")
    transport = {"type": "http", "url": url, "auth": {"type": "api_key", "apiKey": KEY}}
    environment = {**os.environ, "AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
                   "AIRFLOW__OPENLINEAGE__NAMESPACE": "airflow", "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport)}
    run(f"{AIRFLOW}/bin/airflow", "db", "migrate", env=environment)
    run(f"{AIRFLOW}/bin/airflow", "dags", "test", "shop", env=environment)


def ask(store, field, to):
    answer = run(PROGRAM, "ask", "reach", "--store", store, "--field", field, "--to", to, "--subject", "everyone",
                 "--format", "json")
    return json.loads(answer)


def verdict(answer):
    return answer.get("verdict") or answer["answer"]


with tempfile.TemporaryDirectory() as folder:
    store, key = f"{folder}/store", f"{folder}/key"
    pathlib.Path(key).write_text(KEY)
    server = Server(store, f"{SHOP}/mapping.yaml", key)
    emit(server.url)
    counts = server.applied()
    must(counts["events"] == 4 and not counts["refused"], "the Python client's four events are taken")
    dbt(server.url, folder)
    counts = server.applied()
    must(counts["events"] >= 14 and not counts["refused"], "the events of dbt-ol are taken")
    if AIRFLOW:
        before = counts["events"]
        airflow(server.url, folder)
        counts = server.applied()
        must(counts["events"] >= before + 4 and not counts["refused"], "the events of Airflow are taken")
    server.stop()
    if AIRFLOW:
        mail = ask(store, "postgres://crm:5432/crm.public.customers#email", "postgres://wh:5432")
        must(verdict(mail) == "yes", "its customers.email reached the warehouse")
        sink = ask(store, "postgres://crm:5432/crm.public.customers#email", "job:airflow/shop.send")
        must(verdict(sink) == "possible", "and possibly the job that only reads")
    must(verdict(ask(store, "crm/people#email", "mailer")) == "yes", "the client's email column reached the mailer")
    must(verdict(ask(store, "crm/people#city", "mailer")) == "no", "its city column did not")
    mart = ask(store, "customers.email", "marketing-mart")
    must(verdict(mart) == "yes", "customers.email reached the marketing mart")
    must(len(mart["witness"]) == 4, "with a chain of four acts: there before, staged, selected, shared")
    must(verdict(ask(store, "customers.name", "marketing-mart")) == "no", "customers.name did not")
    prov = run(PROGRAM, "export", "--store", store, "--format", "prov")
    from prov.model import ProvDocument
    document = ProvDocument.deserialize(content=prov, format="json")
    must(len(document.get_records()) > 20, "the prov package reads the exported PROV-JSON")
    fixtures = os.environ.get("WHEREFORE_FIXTURES")
    if fixtures:
        import jsonschema
        schema = json.load(open(f"{fixtures}/prov-json/prov-json.schema.json"))
        jsonschema.validate(json.loads(prov), schema)
        must(True, "and it is valid against its schema")
    from fideslang.models import Taxonomy
    manifest = Taxonomy.model_validate(json.loads(run(PROGRAM, "export", "--store", store, "--format", "fides")))
    must(len(manifest.system) > 3, "fideslang reads the exported manifest")
    verified = run(PROGRAM, "verify", "--store", store)
    must("damage" not in verified.lower() or "no damage" in verified.lower(), "the store is in order")
