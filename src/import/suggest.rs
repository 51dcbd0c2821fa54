//! Proposals for a mapping file, from the names that events use.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::mapping::Mapping;
use super::openlineage::Gathered;
use super::openlineage::event::Entity;

/// What a name of a column suggests: a part of the name, and a category of `docs/vocabulary.md`.
const HINTS: &[(&str, &str)] = &[
    ("email", "contact.email"),
    ("e_mail", "contact.email"),
    ("phone", "contact.phone"),
    ("mobile", "contact.phone"),
    ("address", "contact.address"),
    ("street", "contact.address"),
    ("zip", "contact.address"),
    ("postcode", "contact.address"),
    ("first_name", "identity.name"),
    ("last_name", "identity.name"),
    ("full_name", "identity.name"),
    ("surname", "identity.name"),
    ("passport", "identity.official-id"),
    ("ssn", "identity.official-id"),
    ("national_id", "identity.official-id"),
    ("iban", "financial-account.bank"),
    ("card_number", "financial-account.card"),
    ("latitude", "whereabouts"),
    ("longitude", "whereabouts"),
    ("gps", "whereabouts"),
    ("birth", "identity"),
    ("diagnosis", "health"),
    ("fingerprint", "biometric.fingerprint"),
    ("ip_address", "device.ip"),
    ("cookie", "cookie"),
    ("salary", "pfi.property"),
    ("credit_score", "pfi.credit"),
];

/// YAML with a rule for each namespace that nobody claims, and categories guessed from the names of columns.
pub fn rules(gathered: &Gathered, mapping: &Mapping, unmapped: &BTreeSet<Entity>) -> String {
    let namespaces: BTreeSet<&str> = unmapped
        .iter()
        .filter(|entity| !entity.is_job)
        .map(|entity| &*entity.namespace)
        .collect();
    let jobs: BTreeSet<&str> = gathered
        .runs
        .values()
        .filter_map(|run| run.job.get())
        .filter(|job| {
            mapping.runner(&job.namespace, &job.name).is_none()
                && mapping.purpose(&job.namespace, &job.name).is_none()
        })
        .map(|job| &*job.namespace)
        .collect();
    let mut hints: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (entity, dataset) in &gathered.datasets {
        for column in &dataset.columns {
            if !mapping
                .categories(&entity.namespace, &entity.name, column)
                .is_empty()
            {
                continue;
            }
            let lower = column.to_lowercase();
            if let Some(hint) = HINTS.iter().find(|(part, _)| lower.contains(part)) {
                *hints.entry(*hint).or_default() += 1;
            }
        }
    }
    let mut text = String::from(
        "# Proposed from the names in the events. Read each line: kinds, countries and categories are guesses.\nmapping: 1\n",
    );
    if !namespaces.is_empty() {
        text.push_str("processors:\n");
        let mut known = BTreeSet::new();
        for namespace in &namespaces {
            let id = slug(namespace);
            if known.insert(id.clone()) {
                let _ = writeln!(
                    text,
                    "  - {{id: {id}, kind: controller, country: XX}}  # whose is it, and where?"
                );
            }
        }
    }
    let categories: BTreeSet<&str> = hints.keys().map(|(_, category)| *category).collect();
    if !categories.is_empty() {
        text.push_str("categories:\n");
        for category in categories {
            let _ = writeln!(text, "  - {{id: {category}}}");
        }
    }
    if !namespaces.is_empty() || !hints.is_empty() {
        text.push_str("datasets:\n");
    }
    for namespace in namespaces {
        let count = unmapped
            .iter()
            .filter(|entity| &*entity.namespace == namespace)
            .count();
        let _ = writeln!(
            text,
            "  - match: {{namespace: {}}}  # {count} dataset{}\n    processor: {}",
            quoted(namespace),
            if count == 1 { "" } else { "s" },
            slug(namespace)
        );
    }
    if !hints.is_empty() {
        text.push_str("  - match: {name: \"*\"}\n    fields:\n");
        for ((part, category), count) in hints {
            let _ = writeln!(
                text,
                "      - {{match: \"*{part}*\", category: {category}}}  # {count} column{}",
                if count == 1 { "" } else { "s" }
            );
        }
    }
    if !jobs.is_empty() {
        text.push_str("# Nobody says what the jobs of these namespaces are for. Take what fits and name the purpose:\n# jobs:\n");
        for namespace in jobs {
            let _ = writeln!(
                text,
                "#   - match: {{namespace: {}}}\n#     purpose: …",
                quoted(namespace)
            );
        }
    }
    text
}

/// A name as an identifier that is easy to type.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        if letter.is_alphanumeric() {
            slug.extend(letter.to_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "unnamed".to_owned()
    } else {
        slug.to_owned()
    }
}

/// A text in double quotes, as YAML and JSON read it; a `*` of a name would be taken for a pattern and stays one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
