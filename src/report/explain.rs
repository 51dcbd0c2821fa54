//! Everything about the findings of one fingerprint, for a person who has to decide what to do.

use std::fmt::Write as _;

use super::checked::{Checked, Standing};
use super::plain;
use super::text::Style;
use crate::model::finding::Finding;
use crate::model::id::{FieldId, SubjectId};
use crate::model::place::Place;
use crate::model::word::Section;

/// A fact by name: its section and where it was stated.
pub type Named = (Section, String, Place);

/// The findings that have this fingerprint, each with its number.
pub fn having<'a>(checked: &Checked<'a>, fingerprint: &str) -> Vec<(usize, &'a Finding, Standing<'a>)> {
    checked
        .numbered()
        .filter(|(_, finding, _)| finding.fingerprints.iter().any(|print| print == fingerprint))
        .collect()
}

/// One finding in full. `facts` are the places of its deciding facts.
pub fn finding(
    checked: &Checked<'_>,
    (number, finding, standing): (usize, &Finding, Standing<'_>),
    facts: &[Named],
    style: Style,
) -> String {
    let zone = checked.ground.zone;
    let mut out = super::text::head(number, finding, style);
    let mut row = |name: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "    {name}: {}", plain::visible(text));
        }
    };
    let subjects: Vec<&str> = finding.subjects.iter().map(SubjectId::as_str).collect();
    let fields: Vec<&str> = finding.fields.iter().map(FieldId::as_str).collect();
    row("what", &finding.sentence);
    match finding.between {
        Some(bounds) => row("since", &zone.tell_between(bounds)),
        None => row("since", &zone.print(finding.at)),
    }
    let during: Vec<String> = finding.during.iter().map(|during| zone.tell(*during)).collect();
    row("during", &during.join(", "));
    row("processor", finding.processor.as_str());
    row("subjects", &subjects.join(", "));
    row("for", &finding.whom.words().join(" and "));
    row("fields", &fields.join(", "));
    if let Some(place) = &finding.place {
        row("stated in", &place.to_string());
    }
    if let Some(rule) = checked.rule(finding) {
        let place = rule
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!(", {place}"));
        row(
            "rule",
            &format!("{}{place}; check {}: {}", rule.id, rule.check, rule.demand),
        );
    }
    row("clause", &finding.clause);
    row(
        "the clause asks",
        finding.about.asks.as_deref().unwrap_or_default(),
    );
    for line in plain::beside(finding) {
        row("rule says", &line);
    }
    for excuse in standing.excuses(zone) {
        row("suppressed", &excuse);
    }
    if standing.is_known {
        row("known", "it stood in the baseline");
    }
    if standing.is_later {
        row("later", "it begins after the horizon of this check");
    }
    for act in &finding.supposes {
        row("supposes", &format!("that data went with {act}"));
    }
    for (position, print) in finding.fingerprints.iter().enumerate() {
        let of = finding
            .fields
            .get(position)
            .map_or_else(String::new, |field| format!(" ({field})"));
        row("fingerprint", &format!("{print}{of}"));
    }
    for name in &finding.because {
        let mut is_told = false;
        for (section, _, place) in facts.iter().filter(|(_, id, _)| id == name) {
            row("because", &format!("{name}, in {}, {place}", section.as_str()));
            is_told = true;
        }
        if !is_told {
            row("because", name);
        }
    }
    if !finding.witness.is_empty() {
        out.push_str("    chain:\n");
    }
    for (position, step) in (1..).zip(&finding.witness) {
        let _ = writeln!(out, "      {position}. {}", plain::step(step, zone));
        let whose: Vec<&str> = step.subjects.iter().map(SubjectId::as_str).collect();
        let place = step
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!("; {place}"));
        let _ = writeln!(
            out,
            "         {}",
            plain::visible(&format!("about {}{place}", whose.join(", ")))
        );
    }
    out
}
