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

/// The events that a document is exported as.
fn events_of(document: &Document) -> Vec<Value> {
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    let events = export::openlineage::events(record);
    events
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn exported_events_are_events_and_give_the_flows_again() {
    let document = example();
    let events = events_of(&document);
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
fn of_exported_bounds_what_reads_has_them_again_and_what_arrives_comes_at_their_end() {
    let at = "{earliest: 2024-03-01T10:00:00Z, latest: 2024-03-01T11:00:00Z}";
    let text = format!(
        "scenario: small\nas_of: 2025-01-01T00:00:00Z\nhome: FR\ncategories: [{{id: contact}}]\n\
         fields: [{{id: email, category: contact}}, {{id: hash, category: contact}}]\n\
         processors: [{{id: shop, kind: controller}}, {{id: lab, kind: controller}}]\npurposes: [{{id: orders}}]\nevents:\n\
         - {{id: got, at: {at}, act: collect, to: shop, subjects: everyone, fields: [email], purpose: orders}}\n\
         - {{id: made, at: {at}, act: derive, by: shop, subjects: everyone, fields: [email], makes: [hash], purpose: orders}}\n\
         - {{id: sent, at: {at}, act: share, from: shop, to: lab, subjects: everyone, fields: [email], purpose: orders}}\n\
         - {{id: used, at: {at}, act: use, by: shop, subjects: everyone, fields: [email], purpose: orders}}\n"
    );
    let document = import::read_alone(&text, "small.yaml", Format::Yaml)
        .unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    let events = events_of(&document);
    let stated = super::meaning::facts(&events, "mapping: 1\ntimes: bounds\n");
    let of = |run: &str, act: &str| -> Vec<bool> {
        let is_it = |fact: &&String| {
            fact.contains(&format!("\"id\":\"{run}/")) && fact.contains(&format!("\"act\":\"{act}\""))
        };
        let bounds = "\"at\":{\"earliest\":\"2024-03-01T10:00:00Z\",\"latest\":\"2024-03-01T11:00:00Z\"}";
        let end = "\"at\":\"2024-03-01T11:00:00Z\"";
        let found = stated.iter().filter(is_it);
        found
            .map(|fact| {
                assert!(fact.contains(bounds) || fact.contains(end), "{fact}");
                fact.contains(bounds)
            })
            .collect()
    };
    assert_eq!(of("got", "collect"), [false], "{stated:#?}");
    assert_eq!(of("made", "derive"), [true], "{stated:#?}");
    assert_eq!(of("sent", "derive"), [true], "{stated:#?}");
    assert_eq!(of("sent", "share"), [false], "{stated:#?}");
    assert_eq!(of("used", "use"), [true], "{stated:#?}");
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

/// A file in which everybody acts on what they have, each act at an instant of its own.
fn drawn(dice: &mut crate::documents::dice::Dice) -> Value {
    const PARTIES: usize = 4;
    const FIELDS: usize = 4;
    let ids = |kind: &str, count: usize| -> Vec<String> {
        (0..count).map(|n| format!("{kind} \"{n}\"/é")).collect()
    };
    let (parties, fields) = (ids("party", PARTIES), ids("field", FIELDS));
    let mut held = [[false; FIELDS]; PARTIES];
    let mut events = Vec::new();
    for number in 0..14 {
        let (by, to, field, made) = (
            dice.below(PARTIES),
            dice.below(PARTIES),
            dice.below(FIELDS),
            dice.below(FIELDS),
        );
        let mut event = serde_json::json!({
            "id": format!("e{number}"), "at": format!("2024-01-{:02}T09:00:00Z", number + 1), "subjects": "everyone",
            "fields": [fields[field]], "purpose": "p",
        });
        let mut put = |key: &str, value: &str| event[key] = value.into();
        match dice.below(4) {
            _ if !held[by][field] => {
                put("act", "collect");
                put("to", &parties[by]);
                held[by][field] = true;
            }
            0 if made != field => {
                put("act", "derive");
                put("by", &parties[by]);
                event["makes"] = serde_json::json!([fields[made]]);
                held[by][made] = true;
            }
            1 => {
                put("act", "use");
                put("by", &parties[by]);
            }
            _ if to != by => {
                put("act", "share");
                put("from", &parties[by]);
                put("to", &parties[to]);
                held[to][field] = true;
            }
            _ => continue,
        }
        if event["act"] != "collect" && event["act"] != "use" {
            match dice.below(5) {
                0 => event["carries"] = "possible".into(),
                1 => event["carries"] = "influence".into(),
                _ => {}
            }
        }
        events.push(event);
    }
    let things = |ids: &[String]| -> Value { ids.iter().map(|id| serde_json::json!({ "id": id })).collect() };
    let controllers: Value = parties
        .iter()
        .map(|id| serde_json::json!({"id": id, "kind": "controller"}))
        .collect();
    serde_json::json!({
        "scenario": "drawn", "as_of": "2025-01-01T00:00:00Z", "processors": controllers, "fields": things(&fields),
        "purposes": [{"id": "p"}], "events": events,
    })
}

#[test]
fn exported_events_give_the_same_answers_when_they_are_imported() {
    use wherefore::model::word::Verdict;

    let mut dice = crate::documents::dice::Dice(31);
    let mut told = std::collections::BTreeMap::new();
    for _ in 0..4_000 {
        let file = drawn(&mut dice);
        let document = import::read_alone(&file.to_string(), "drawn", Format::Json)
            .unwrap_or_else(|problems| panic!("{problems:#?}\n{file:#}"));
        let text = export::openlineage::events(Record {
            header: &document.header,
            facts: &document.facts,
        });
        let events: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let before = Snapshot::of_document(document);
        let after = super::meaning::snapshot(&events, "");
        let collected = |event: &&Value| event["act"] == "collect";
        for event in file["events"].as_array().expect("acts").iter().filter(collected) {
            let (at, field) = (
                event["to"].as_str().expect("a party"),
                event["fields"][0].as_str().expect("a field"),
            );
            // Events tell the fields of two parties apart; in the file they are one, so it must begin at one place only.
            let begins = |other: &&Value| {
                (other["act"] == "collect" && other["fields"] == event["fields"])
                    || other["makes"] == event["fields"]
            };
            if file["events"]
                .as_array()
                .expect("acts")
                .iter()
                .filter(begins)
                .count()
                > 1
            {
                continue;
            }
            let parties = after.processors();
            for to in before.processors() {
                let to = to.id.as_str();
                if !parties.iter().any(|party| party.id.as_str() == to) {
                    continue;
                }
                for influence in [false, true] {
                    let wanted = super::meaning::reach(&before, field, to, influence).verdict;
                    let found =
                        super::meaning::reach(&after, &format!("{at}/data#{field}"), to, influence).verdict;
                    assert_eq!(
                        found, wanted,
                        "{field} of {at} to {to} ({influence}): {file:#}\n{text}"
                    );
                    *told.entry(format!("{wanted:?}")).or_insert(0) += 1;
                }
            }
        }
    }
    println!("{told:?}");
    for (verdict, least) in [
        (Verdict::Yes, 3_000),
        (Verdict::No, 3_000),
        (Verdict::Possible, 300),
    ] {
        assert!(
            told.get(&format!("{verdict:?}"))
                .is_some_and(|count| *count > least),
            "{told:?}"
        );
    }
}

/// A random file with standing acts, cohorts, corrections, retractions, suppressions and a policy in Cedar.
fn full(seed: u64) -> Value {
    use crate::oracle::draw::Draw;
    use crate::oracle::{generate, generate_recorded};

    let mut dice = crate::documents::dice::Dice(seed);
    let plain = generate::standing_file(&dice.bytes(1_400));
    let bytes = dice.bytes(600);
    let written = generate_recorded::Written::Instants;
    let mut file = generate_recorded::with_records(&mut Draw::new(&bytes), &plain, written);
    file["suppressions"] = serde_json::json!([
        {"id": "s \"1\"", "rule": "r", "event": "e1", "until": "2030-01-01T00:00:00Z", "by": "ana", "why": "being signed;\nsoon"}
    ]);
    let policy = serde_json::json!({
        "id": "own policy", "check": "policy", "clause": "W-1", "severity": "note",
        "policy": "permit (principal, action, resource);",
    });
    if let Some(rules) = file["rules"].as_array_mut() {
        rules.push(policy);
    } else {
        file["rules"] = serde_json::json!([policy]);
    }
    file
}

#[test]
fn what_stands_of_a_record_is_written_and_read_again_the_same() {
    let (mut read, mut standing, mut corrected) = (0, 0, 0);
    for seed in 0..500 {
        let file = full(seed);
        // Not every random correction is one that a record may have.
        let Ok(document) = import::read_alone(&file.to_string(), "random", Format::Json) else {
            continue;
        };
        read += 1;
        corrected += usize::from(document.facts.iter().any(|stated| stated.target().is_some()));
        let snapshot = Snapshot::of_document(document);
        let before = snapshot.facts().expect("facts");
        standing += before
            .iter()
            .filter(|stated| matches!(&stated.fact, Fact::Act(act) if act.at.standing().is_some_and(|(_, until)| until.is_some())))
            .count();
        let header = snapshot.header().expect("a header");
        let record = Record {
            header,
            facts: &before,
        };
        let (json, ndjson) = (export::facts::json(record), export::facts::ndjson(record));
        for (text, format) in [(&json, Format::Json), (&ndjson, Format::Ndjson)] {
            let again = import::read_alone(text, "again", format)
                .unwrap_or_else(|problems| panic!("seed {seed}: {problems:#?}\n{text}"));
            assert_eq!(&again.header, header, "seed {seed} {format:?}");
            assert_eq!(facts(&again.facts), facts(&before), "seed {seed} {format:?}");
            let record = Record {
                header: &again.header,
                facts: &again.facts,
            };
            let twice = if format == Format::Json {
                export::facts::json(record)
            } else {
                export::facts::ndjson(record)
            };
            assert_eq!(&twice, text, "seed {seed} {format:?}");
        }
    }
    println!("{read} files, {standing} standing acts that end, {corrected} files with corrections");
    assert!(read > 100 && standing > 50 && corrected > 50);
}

#[test]
fn odd_names_stay_names_in_pictures() {
    let odd = [
        "a \"b\"",
        "back\\slash",
        "line\nbreak",
        "<script>&amp;</script>",
        "日本 é \u{202e}",
        "]]> --> |x|",
        "#quot; ;",
        "end",
        "`tick`",
        "a\tb\rc",
    ];
    let things = |kind: &str| -> Value {
        odd.iter()
            .map(|name| serde_json::json!({"id": format!("{kind}{name}")}))
            .collect()
    };
    let controllers: Value = odd
        .iter()
        .map(|name| serde_json::json!({"id": format!("p{name}"), "kind": "controller"}))
        .collect();
    let events: Value = (0..odd.len())
        .map(|n| {
            let (from, to) = (odd[n], odd[(n + 1) % odd.len()]);
            serde_json::json!({"id": format!("e{from}"), "at": "2024-01-01T00:00:00Z", "act": "share", "from": format!("p{from}"),
                "to": format!("p{to}"), "subjects": "everyone", "fields": [format!("f{from}")], "purpose": format!("u{from}")})
        })
        .collect();
    let file = serde_json::json!({
        "scenario": "odd", "as_of": "2025-01-01T00:00:00Z", "processors": controllers, "fields": things("f"),
        "purposes": things("u"), "events": events,
    });
    let document = import::read_alone(&file.to_string(), "odd", Format::Json)
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let record = Record {
        header: &document.header,
        facts: &document.facts,
    };
    // Every quoted text of DOT, unquoted as its grammar says, is a name or a label of ours.
    let dot = export::graph::dot(record);
    let quoted = quoted_in_dot(&dot);
    for name in odd {
        for kind in ["p", "f"] {
            let name = format!("{kind}{name}");
            assert!(quoted.contains(&name), "{name:?} in {dot}");
        }
    }
    let outside: String = dot_without_texts(&dot);
    assert!(
        !outside.contains("script") && !outside.contains("tick"),
        "{outside}"
    );
    // A line of Mermaid is one statement, and no text in it ends before its quotes do.
    let mermaid = export::graph::mermaid(record);
    for line in mermaid.lines().skip(1) {
        let marks = line.matches('"').count();
        assert!([0, 2].contains(&marks), "{line}");
        assert!(line.trim() == "end" || marks == 2, "{line}");
        let inside = line.split('"').nth(1).unwrap_or_default();
        assert!(
            !inside.contains(['<', '>', '\n', '\r', '`', '\u{202e}']),
            "{line}"
        );
    }
    let graphml = export::graph::graphml(record);
    let xml = roxmltree::Document::parse(&graphml).expect("XML");
    let told: BTreeSet<&str> = xml.descendants().filter_map(|node| node.text()).collect();
    for name in odd.iter().filter(|name| !name.contains(['\n', '\t', '\r'])) {
        assert!(
            told.contains(format!("f{name}").as_str()),
            "{name:?} in {graphml}"
        );
    }
}

/// The texts in quotes, as Graphviz reads them: a backslash before a quote takes the quote along, `\\n` is a new line.
fn quoted_in_dot(dot: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut letters = dot.chars();
    while letters.by_ref().any(|letter| letter == '"') {
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => match letters.next() {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some(other) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        all.insert(text);
    }
    all
}

fn dot_without_texts(dot: &str) -> String {
    let mut outside = String::new();
    let (mut is_inside, mut is_escaped) = (false, false);
    for letter in dot.chars() {
        match letter {
            '"' if !is_escaped => is_inside = !is_inside,
            other if !is_inside => outside.push(other),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    outside
}
