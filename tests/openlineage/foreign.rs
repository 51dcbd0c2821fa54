//! What other tools wrote: dbt manifests, `DataHub` proposals, `PROV-JSON`.

use serde_json::{Value, json};
use wherefore::export::{self, Record};
use wherefore::import::openlineage::file::translated;
use wherefore::import::{self, Format};
use wherefore::model::word::Verdict;

use super::meaning::{facts, reach, snapshot};

const NOW: &str = "2026-01-01T00:00:00Z";

fn events(document: &Value, beside: &[Value]) -> Vec<Value> {
    translated(&document.to_string(), beside, NOW)
        .expect("it is recognized")
        .unwrap_or_else(|refusal| panic!("{refusal}"))
        .0
}

/// A manifest of a version: newer ones have `meta` under `config`.
fn manifest(version: u32) -> Value {
    let meta = |meta: Value| {
        if version >= 10 {
            json!({"config": {"meta": meta}})
        } else {
            json!({"meta": meta})
        }
    };
    let with = |mut node: Value, about: Value| {
        for (key, value) in about.as_object().expect("an object") {
            node[key] = value.clone();
        }
        node
    };
    let source = json!({"resource_type": "source", "database": "db", "schema": "raw", "name": "people", "identifier": "people",
        "columns": {"email": with(json!({"name": "email"}), meta(json!({"data_category": "contact.email"})))}});
    let model = json!({"resource_type": "model", "database": "db", "schema": "marts", "name": "mails", "alias": "mails",
        "columns": {}, "depends_on": {"nodes": ["model.p.between"]}});
    json!({
        "metadata": {"dbt_schema_version": format!("https://schemas.getdbt.com/dbt/manifest/v{version}.json"),
                     "generated_at": NOW, "adapter_type": "postgres", "project_name": "p"},
        "sources": {"source.p.raw.people": source},
        "nodes": {
            "model.p.between": {"resource_type": "model", "database": "db", "schema": "x", "name": "between", "columns": {},
                "config": {"materialized": "ephemeral"}, "depends_on": {"nodes": ["source.p.raw.people"]}},
            "model.p.mails": with(model, meta(json!({"purpose": "marketing"}))),
            "test.p.unique": {"resource_type": "test", "database": "db", "schema": "t", "name": "unique", "columns": {},
                "depends_on": {"nodes": ["model.p.mails"]}}
        },
        "exposures": {"exposure.p.campaign": {"resource_type": "exposure", "name": "campaign", "owner": {"name": "Agency"},
            "depends_on": {"nodes": ["model.p.mails"]}}}
    })
}

#[test]
fn a_dbt_manifest_declares_flows_through_ephemeral_models_to_exposures() {
    let catalog = json!({
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
        "nodes": {"model.p.mails": {"columns": {"to": {"type": "text"}}}},
        "sources": {"source.p.raw.people": {"columns": {"EMAIL": {}, "city": {}}}}
    });
    for version in 7..=12 {
        let facts = facts(&events(&manifest(version), std::slice::from_ref(&catalog)), "");
        let has = |parts: &[&str]| {
            facts
                .iter()
                .any(|fact| parts.iter().all(|part| fact.contains(part)))
        };
        assert!(
            has(&["fields", "raw.people#email", "contact.email"]),
            "{version}: {facts:#?}"
        );
        assert!(
            has(&[
                "\"derive\"",
                "raw.people#city",
                "raw.people#email",
                "marts.mails#to",
                "\"possible\"",
                "marketing",
                "\"from\""
            ]),
            "{version}: {facts:#?}"
        );
        assert!(
            has(&["\"share\"", "\"to\":\"Agency\"", "marts.mails#to"]),
            "{version}: {facts:#?}"
        );
        assert!(!has(&["unique"]), "{version}: a test makes no dataset");
    }
    for version in [6, 13] {
        let refused = translated(&manifest(version).to_string(), &[], NOW).expect("it is a manifest");
        assert_eq!(
            refused.expect_err("an unknown version").code.as_str(),
            "OPENLINEAGE_KIND"
        );
    }
}

/// What dbt 1.3 to 1.8 wrote for the little desk of `tests/clients/dbt.sh`, without macros and texts of models.
const OF_DBT: [(u32, &str); 6] = [
    (7, include_str!("data/dbt/v7.json")),
    (8, include_str!("data/dbt/v8.json")),
    (9, include_str!("data/dbt/v9.json")),
    (10, include_str!("data/dbt/v10.json")),
    (11, include_str!("data/dbt/v11.json")),
    (12, include_str!("data/dbt/v12.json")),
];

#[test]
fn real_manifests_of_every_version_say_the_same() {
    for (version, text) in OF_DBT {
        let file: Value = serde_json::from_str(text).expect("JSON");
        let schema = file["manifest"]["metadata"]["dbt_schema_version"].as_str();
        assert!(schema.is_some_and(|schema| schema.ends_with(&format!("/manifest/v{version}.json"))));
        let events = events(&file["manifest"], std::slice::from_ref(&file["catalog"]));
        let known = snapshot(&events, include_str!("../clients/desk/mapping.yaml"));
        let reached = |field: &str, to: &str| reach(&known, field, to, false).verdict;
        // The ephemeral model between them has no columns of its own, and the catalog has those of the seed.
        for (field, to, verdict) in [
            ("customers.email", "mailer", Verdict::Possible),
            ("customers.name", "mailer", Verdict::Possible),
            ("mailing.email", "mailer", Verdict::Possible),
            ("customers.email", "Board", Verdict::Possible),
            ("mailing.email", "Board", Verdict::No),
        ] {
            assert_eq!(reached(field, to), verdict, "{version}: {field} to {to}");
        }
        let stated = facts(&events, include_str!("../clients/desk/mapping.yaml")).join("\n");
        assert!(
            stated.contains("contact.email") && stated.contains("marketing"),
            "{version}: {stated}"
        );
    }
}

#[test]
fn fine_grained_lineage_of_datahub_is_column_lineage() {
    let urn = |name: &str| format!("urn:li:dataset:(urn:li:dataPlatform:hive,{name},PROD)");
    let column = |name: &str, path: &str| format!("urn:li:schemaField:({},{path})", urn(name));
    let lineage = json!({
        "upstreams": [{"dataset": urn("a.people"), "type": "TRANSFORMED"}],
        "fineGrainedLineages": [
            {"upstreams": [column("a.people", "[version=2.0].[type=struct].[type=string].email")],
             "downstreams": [column("b.mails", "to")]},
            {"upstreams": [column("a.people", "phone")], "downstreams": [column("b.mails", "key")], "transformOperation": "HASH"}
        ]
    });
    let proposals = json!([
        {"entityUrn": urn("b.mails"), "aspectName": "upstreamLineage", "aspect": {"value": lineage.to_string()},
         "systemMetadata": {"lastObserved": 1_700_000_000_000_i64}},
        {"entityUrn": urn("a.people"), "aspectName": "globalTags", "aspect": {"json": {"tags": [{"tag": "urn:li:tag:pii"}]}}},
        {"entityUrn": "urn:li:corpuser:x", "aspectName": "status", "aspect": {"json": {}}}
    ]);
    let mapping = "mapping: 1\ncategories: [{id: personal}]\ntags: [{match: {key: tag, value: pii}, category: personal}]\n";
    let facts = facts(&events(&proposals, &[]), mapping);
    let has = |parts: &[&str]| {
        facts
            .iter()
            .any(|fact| parts.iter().all(|part| fact.contains(part)))
    };
    assert!(
        has(&[
            "\"derive\"",
            "a.people#email",
            "\"makes\":[\"hive:PROD/b.mails#to\"]",
            "2023-11-14T22:13:20Z"
        ]),
        "{facts:#?}"
    );
    assert!(
        has(&["\"derive\"", "a.people#phone", "b.mails#key", "deidentify"]),
        "{facts:#?}"
    );
    assert!(has(&["fields", "a.people#email", "personal"]), "{facts:#?}");
    assert!(
        !has(&["\"possible\""]),
        "what is told by column is not told again by dataset: {facts:#?}"
    );
}

#[test]
fn datahub_tells_of_columns_and_what_it_leaves_out_is_counted() {
    let urn = |name: &str| format!("urn:li:dataset:(urn:li:dataPlatform:hive,{name},PROD)");
    let tagged = json!({"fields": [
        {"fieldPath": "email", "globalTags": {"tags": [{"tag": "urn:li:tag:pii:email"}]}},
        {"fieldPath": "city"}
    ]});
    let edited = json!({"editableSchemaFieldInfo": [
        {"fieldPath": "city", "glossaryTerms": {"terms": [{"urn": "urn:li:glossaryTerm:Address"}]}}
    ]});
    let lineage = json!({"upstreams": [{"dataset": urn("a,b")}], "fineGrainedLineages": [
        {"upstreamType": "DATASET", "upstreams": [urn("a,b")], "downstreamType": "FIELD",
         "downstreams": [format!("urn:li:schemaField:({},email)", urn("c"))]}
    ]});
    let aspect = |name: &str, value: Value| json!({"entityUrn": urn("c"), "aspectName": name, "aspect": {"value": value.to_string()}});
    let proposals = [
        aspect("schemaMetadata", tagged),
        aspect("editableSchemaMetadata", edited),
        aspect("upstreamLineage", lineage),
        aspect("ownership", json!({})),
        json!({"entityUrn": "urn:li:corpuser:x", "aspectName": "status", "changeType": "DELETE"}),
    ];
    let lines: Vec<String> = proposals.iter().map(Value::to_string).collect();
    let (events, left) = translated(&lines.join("\n"), &[], NOW)
        .expect("one a line")
        .unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(
        left.into_iter().collect::<Vec<_>>(),
        [("corpuser".to_owned(), 1), ("ownership".to_owned(), 1)]
    );
    let mapping = "mapping: 1\ntags:\n  - {match: {value: 'pii:*'}, category: contact}\n  - {match: {key: term}, category: place}\n";
    let facts = facts(&events, mapping);
    let has = |parts: &[&str]| {
        facts
            .iter()
            .any(|fact| parts.iter().all(|part| fact.contains(part)))
    };
    assert!(has(&["fields", "hive:PROD/c#email", "contact"]), "{facts:#?}");
    assert!(has(&["fields", "hive:PROD/c#city", "place"]), "{facts:#?}");
    assert!(
        has(&[
            "\"derive\"",
            "hive:PROD/a,b#*",
            "hive:PROD/c#email",
            "\"possible\""
        ]),
        "{facts:#?}"
    );
    let broken =
        json!([proposals[0], {"entityUrn": urn("c"), "aspectName": "globalTags", "aspect": {"value": "{"}}]);
    let refusal = translated(&broken.to_string(), &[], NOW)
        .expect("proposals")
        .expect_err("broken");
    assert_eq!(
        (refusal.code.as_str(), refusal.path.as_str()),
        ("OPENLINEAGE_SYNTAX", "/1/aspect/value")
    );
}

#[test]
fn prov_that_was_exported_gives_the_same_flows() {
    let text = include_str!("../../examples/zhima-credit.yaml");
    let document = import::read_alone(text, "zhima-credit.yaml", Format::Yaml).expect("the example is valid");
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let prov: Value = serde_json::from_str(&export::prov::json(record)).expect("JSON");
    let snapshot = snapshot(&events(&prov, &[]), "");
    let verdict = |to: &str| {
        reach(
            &snapshot,
            "processor:zhima/held:zhima/zhima-score#value",
            to,
            false,
        )
        .verdict
    };
    assert_eq!(verdict("processor:bank-east"), Verdict::Yes);
    assert_eq!(verdict("processor:court"), Verdict::No);
}
