//! The wrong kind of value: a map where a list belongs, and the like.

use wherefore::import::Format;

use super::marked::{refused, refused_as};
use super::world::with;

/// Lines of a document with a wrong shape each.
const LINES: &[&str] = &[
    "subjects: «{id: ana}",
    "subjects: «ana",
    "subjects: [«ana]",
    "subjects: [{id: «[ana]}]",
    "subjects: [«null]",
    "fields: [{id: email, category: «{id: contact}}]",
    "fields: [{id: email, category: [«[contact]]}]",
    "purposes: [{id: p, needs: «email}]",
    "processors: [{id: p, kind: public, safeguards: «locked}]",
    "processors: [{id: p, kind: public, moves: «{at: 2024-02-02T00:00:00Z, country: SG}}]",
    "processors: [{id: p, kind: public, moves: [«SG]}]",
    "processors: [{id: p, kind: public, name: x, country: «[SG]}]",
    "calendar: «weekend",
    "calendar: {holidays: «2024-01-01}",
    "defaults: «safeguards",
    "defaults: {event: «[safeguards]}",
    "minor_age: «[14]",
    "timezone: «{name: UTC}",
];

/// Items with a wrong shape.
const ITEMS: &[(&str, &str)] = &[
    (
        "events",
        "{id: e, at: «[2024-01-01T00:00:00Z], act: use, by: shop, subjects: [ana], fields: [email], purpose: orders}",
    ),
    (
        "events",
        "{id: e, at: 2024-01-01T00:00:00Z, act: use, by: shop, subjects: «ana, fields: [email], purpose: orders}",
    ),
    (
        "events",
        "{id: e, at: 2024-01-01T00:00:00Z, act: use, by: «[shop], subjects: [ana], fields: [email], purpose: orders}",
    ),
    (
        "authorizations",
        "{id: a, basis: consent, holder: shop, acts: «use, fields: email, purposes: [orders], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "audits",
        "{id: a, by: shop, of: lab, at: 2024-01-01T00:00:00Z, remedies: [«fix]}",
    ),
    (
        "incidents",
        "{id: i, processor: shop, known: 2024-01-01T00:00:00Z, fields: [email], subjects: [ana], subjects_told: [«ana]}",
    ),
    (
        "rules",
        "{id: r, check: authorized, when: «[none], clause: C, severity: note}",
    ),
    (
        "rules",
        "{id: r, check: retention, limits: [«email], clause: C, severity: note}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: «[shop], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: «[shop, lab, desk], from: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: «shop, from: 2024-01-01T00:00:00Z}",
    ),
    (
        "agreements",
        "{id: a, kind: confidentiality, between: «[shop, shop], from: 2024-01-01T00:00:00Z}",
    ),
];

#[test]
fn the_wrong_kind_of_value_is_named_where_it_stands() {
    for lines in LINES {
        refused("FACT_SHAPE", lines);
    }
    let desk = "processors: [{id: shop, kind: controller}, {id: lab, kind: controller}, {id: desk, kind: controller}]";
    for (section, item) in ITEMS {
        let document = with(&format!("{section}: [{item}]"));
        let document = document.replace(
            "processors: [{id: shop, kind: controller}, {id: lab, kind: controller}]",
            desk,
        );
        refused_as(&document, Format::Yaml, &["FACT_SHAPE"]);
    }
}

#[test]
fn a_document_that_is_no_map() {
    for text in ["«- a\n", "«just a text\n", "«[]"] {
        refused_as(text, Format::Yaml, &["FACT_SHAPE"]);
    }
    for text in ["«[1, 2]", "«\"text\"", "«7", " «null", "«true"] {
        refused_as(text, Format::Json, &["FACT_SHAPE"]);
    }
}

#[test]
fn a_line_that_is_no_item() {
    let header = "{\"scenario\": \"s\", \"as_of\": \"2025-01-01T00:00:00Z\"}\n";
    for line in [
        "«[]",
        "«\"ana\"",
        "  «{}",
        "«{\"people\": {\"id\": \"ana\"}}",
        "«{\"subjects\": {\"id\": \"ana\"}, \"fields\": {\"id\": \"email\"}}",
        "{\"subjects\": «[{\"id\": \"ana\"}]}",
    ] {
        refused_as(&format!("{header}{line}\n"), Format::Ndjson, &["FACT_SHAPE"]);
    }
}
