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
    assert_eq!(export::table::csv(record).matches("\r\n").count(), acts + 1);
    let prov: Value = serde_json::from_str(&export::prov::json(record)).expect("JSON");
    assert_eq!(prov["activity"].as_object().expect("activities").len(), acts);
}
