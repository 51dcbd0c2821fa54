//! Facts out again: the fact file is the same facts, and other formats keep their own rules.

use std::collections::BTreeSet;

use serde_json::Value;
use wherefore::db::Snapshot;
use wherefore::export::{self, Record};
use wherefore::import::{self, Document, Format};
use wherefore::model::fact::{Fact, Stated};

const EXAMPLE: &str = include_str!("../../examples/zhima-credit.yaml");

fn example() -> Document {
    import::read_alone(EXAMPLE, "zhima-credit.yaml", Format::Yaml).expect("the example is valid")
}

fn facts(stated: &[Stated]) -> Vec<&Fact> {
    let mut facts: Vec<&Fact> = stated.iter().map(|stated| &stated.fact).collect();
    facts.sort_by_key(|fact| fact.section());
    facts
}

#[test]
fn a_fact_file_that_is_written_and_read_again_is_the_same() {
    let document = example();
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    for (text, format) in [
        (export::facts::json(record), Format::Json),
        (export::facts::ndjson(record), Format::Ndjson),
    ] {
        let again =
            import::read_alone(&text, "again", format).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(again.header, document.header, "{format:?}");
        assert_eq!(facts(&again.facts), facts(&document.facts), "{format:?}");
        let record = Record {
            header: &again.header,
            facts: &again.facts,
        };
        let twice = if format == Format::Json {
            export::facts::json(record)
        } else {
            export::facts::ndjson(record)
        };
        assert!(twice == text, "{format:?}: writing it again gives other bytes");
        let findings = Snapshot::of_document(again).findings(None).expect("judged").len();
        assert_eq!(findings, 56, "{format:?}");
    }
}

#[test]
fn exported_events_are_events_and_give_the_flows_again() {
    let document = example();
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let events: Vec<Value> = export::openlineage::events(record)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(events.len() > 50, "{}", events.len());
    let gathered = super::meaning::gathered(&events);
    // Every share of the example is lineage between the two namespaces.
    let shares = document.facts.iter().filter_map(|stated| {
        let Fact::Act(act) = &stated.fact else { return None };
        act.recipient.is_some().then_some(act)
    });
    for act in shares {
        let to = act.recipient.as_ref().expect("a recipient");
        let known = gathered.into.iter().any(|(column, sources)| {
            *column.of.namespace == *to.as_str()
                && column.name.as_deref() == Some(act.fields[0].as_str())
                && sources
                    .keys()
                    .any(|source| *source.of.namespace == *act.actor.as_str())
        });
        assert!(known, "{}", act.id);
    }
}

#[test]
fn dpv_has_only_terms_of_dpv() {
    let Some(folder) = super::fixtures::folder("dpv") else {
        return;
    };
    let table = std::fs::read_to_string(folder.join("dpv.csv")).expect("the vocabulary");
    let terms: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.split('"').next())
        .collect();
    assert!(terms.len() > 1000);
    let document = example();
    let text = export::dpv::json(Record {
        header: &document.header,
        facts: &document.facts,
    });
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert!(json["@graph"].as_array().is_some_and(|graph| graph.len() > 100));
    let mut used = BTreeSet::new();
    for (at, _) in text.match_indices("\"dpv:") {
        let rest = &text[at + 5..];
        used.insert(&rest[..rest.find('"').expect("a quote")]);
    }
    let unknown: Vec<_> = used.iter().filter(|term| !terms.contains(**term)).collect();
    assert!(used.len() > 15 && unknown.is_empty(), "{unknown:?}");
}

#[test]
fn pictures_and_tables_show_every_flow() {
    let document = example();
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let graphml = export::graph::graphml(record);
    let xml = roxmltree::Document::parse(&graphml).expect("XML");
    let count = |name| {
        xml.descendants()
            .filter(|node| node.has_tag_name(("http://graphml.graphdrawing.org/xmlns", name)))
            .count()
    };
    let (nodes, edges) = (count("node"), count("edge"));
    assert!(nodes > 20 && edges > 20, "{nodes} {edges}");
    assert_eq!(export::graph::dot(record).matches(" -> ").count(), edges);
    let mermaid = export::graph::mermaid(record);
    assert_eq!(
        mermaid.matches(" -->|").count() + mermaid.matches(" -.->|").count(),
        edges
    );
    let acts = document
        .facts
        .iter()
        .filter(|stated| matches!(stated.fact, Fact::Act(_)))
        .count();
    let table = export::table::csv(record).expect("a table");
    assert_eq!(table.matches("\r\n").count(), acts + 1);
    let prov: Value = serde_json::from_str(&export::prov::json(record)).expect("JSON");
    assert_eq!(prov["activity"].as_object().expect("activities").len(), acts);
}

/// What reads the same again, whatever it is.
fn is_the_same(document: &Document, seed: u64) {
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    for (text, format) in [
        (export::facts::json(record), Format::Json),
        (export::facts::ndjson(record), Format::Ndjson),
    ] {
        let again = import::read_alone(&text, "again", format)
            .unwrap_or_else(|problems| panic!("seed {seed}: {problems:#?}"));
        assert_eq!(again.header, document.header, "seed {seed} {format:?}");
        assert_eq!(
            facts(&again.facts),
            facts(&document.facts),
            "seed {seed} {format:?}"
        );
    }
}

#[test]
fn random_files_are_written_and_read_again_the_same() {
    let mut acts = 0;
    for seed in 0..300 {
        let entropy = crate::documents::dice::Dice(seed).bytes(1_400);
        let file = crate::oracle::generate::fact_file(&entropy);
        let document = import::read_alone(&file.to_string(), "random", Format::Json)
            .unwrap_or_else(|problems| panic!("seed {seed}: {problems:#?}"));
        acts += document
            .facts
            .iter()
            .filter(|stated| matches!(stated.fact, Fact::Act(_)))
            .count();
        is_the_same(&document, seed);
    }
    assert!(acts > 1_000, "{acts}");
}

/// Acts of every kind of time and certainty, in names that need quotes.
const ODD: &str = "\
scenario: odd
as_of: 2025-01-01T00:00:00+08:00
subjects: [{id: 'ana, \"the first\"'}, {id: bo}]
cohorts: [{id: all, members: ['ana, \"the first\"', bo]}]
categories: [{id: contact}]
fields: [{id: email, category: contact}, {id: hash, category: contact, state: deidentified}]
processors: [{id: shop, kind: controller}, {id: 'mail; inc', kind: controller}, {id: press, kind: public}]
purposes: [{id: orders}]
events:
  - {id: e1, at: 2024-02-01T09:00:00.000001+08:00, act: collect, to: shop, source: press, subjects: [all], fields: [email], purpose: orders}
  - {id: e2, at: 2024-02-02T09:00:00+08:00, act: derive, by: shop, subjects: everyone, fields: [email], makes: [hash], method: deidentify, purpose: orders, carries: possible}
  - {id: e3, at: 2024-02-03T09:00:00+08:00, act: share, from: shop, to: 'mail; inc', subjects: ['ana, \"the first\"', bo], fields: [email, hash], purpose: orders, safeguards: [tls, nda]}
  - {id: e4, at: 2024-02-04T09:00:00+08:00, act: store, by: shop, location: NO, subjects: [bo], fields: [email]}
  - {id: e5, at: 2024-02-05T09:00:00+08:00, act: disclose, from: shop, subjects: [bo], fields: [hash], purpose: orders, carries: influence}
  - {id: e7, at: {from: 2024-02-05T09:00:00+08:00, until: 2024-03-05T09:00:00+08:00}, act: share, from: shop, to: 'mail; inc', subjects: [all], fields: [email], purpose: orders}
  - {id: e8, at: {from: 2024-02-05T09:00:00+08:00}, act: use, by: shop, subjects: everyone, fields: [email], purpose: orders}
  - {id: e6, at: 2024-02-06T09:00:00+08:00, act: delete, by: shop, subjects: [bo], fields: [email]}
  - {id: e9, at: 2024-02-07T09:00:00+08:00, act: restrict, by: shop, subjects: [bo], fields: [hash]}
  - {id: e10, at: 2024-02-08T09:00:00+08:00, act: correct, by: shop, value: 'hash, second', subjects: [bo], fields: [hash]}
  - {id: e11, at: 2024-02-09T09:00:00+08:00, act: restrict, lift: true, by: shop, subjects: [bo], fields: [hash], purpose: orders}
";

#[cfg(feature = "rocksdb")]
#[test]
fn tables_that_are_written_are_imported_as_the_same_acts() {
    use crate::commands::program::{Folder, run};

    for text in [EXAMPLE, ODD] {
        let folder = Folder::new();
        let whole = folder.file("whole.yaml", text);
        let document = import::read_alone(text, "whole", Format::Yaml)
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        let without: Vec<Stated> = document
            .facts
            .iter()
            .filter(|stated| !matches!(stated.fact, Fact::Act(_)))
            .cloned()
            .collect();
        let catalogue = folder.file(
            "catalogue.json",
            export::facts::json(Record {
                header: &document.header,
                facts: &without,
            }),
        );
        for format in ["csv", "parquet"] {
            let table = folder.text(&format!("acts.{format}"));
            run(&["export", &whole, "--format", format, "--output", &table]).exits(0);
            let store = folder.text(format);
            let imported = run(&["import", &catalogue, &table, "--store", &store]).exits(0);
            assert!(!imported.err.contains("FACT_"), "{imported:?}");
            let again = run(&["export", "--store", &store, "--format", "ndjson"])
                .exits(0)
                .out;
            let again = import::read_alone(&again, "again", Format::Ndjson).expect("facts");
            assert_eq!(facts(&again.facts), facts(&document.facts), "{format}");
        }
    }
}

#[test]
fn a_name_that_would_be_two_in_a_cell_is_refused_by_name() {
    let odd = ODD.replace("bo", "'b|o'");
    let document = import::read_alone(&odd, "odd", Format::Yaml).expect("valid");
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let refusal = export::table::csv(record).expect_err("a bar");
    assert_eq!(refusal.code(), "EXPORT_BAR");
    assert!(export::table::parquet(record).is_ok());
}

#[test]
fn what_possibly_carries_is_no_certain_lineage_in_exported_events() {
    let document = import::read_alone(ODD, "odd", Format::Yaml).expect("valid");
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    for line in export::openlineage::events(record).lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        let lineage = &event["outputs"][0]["facets"]["columnLineage"];
        match event["job"]["name"].as_str().expect("a name") {
            "e2" => assert!(lineage.is_null(), "{lineage}"),
            "e3" => assert!(lineage.to_string().contains("DIRECT"), "{lineage}"),
            _ => {}
        }
    }
}
