//! From a draft to a finding: names, witness steps, sentence, fingerprints.

use std::sync::Arc;

use super::case::Case;
use super::draft::Draft;
use super::sentence::sentence;
use crate::model::finding::{Culprit, Finding, Whom};
use crate::model::id::FieldId;
use crate::model::rule::Rule;
use crate::model::time::Instant;

/// Makes the finding of a rule from a draft.
pub fn assemble(case: &Case<'_>, rule: &Rule, draft: Draft) -> Finding {
    let things = &case.history.things;
    let mut subjects: Vec<_> = draft
        .subjects
        .iter()
        .map(|subject| case.history.subjects().id(*subject).clone())
        .collect();
    let mut fields: Vec<_> = draft
        .fields
        .iter()
        .map(|field| things.fields().id(*field).clone())
        .collect();
    let between = bounds(case, &draft);
    let mut because = draft.because;
    subjects.sort_unstable();
    subjects.dedup();
    let subjects = case.history.cohorts().fold(subjects);
    fields.sort_unstable();
    fields.dedup();
    because.sort_unstable();
    because.dedup();
    let decided_by = draft.decided_by.as_ref();
    let clause = decided_by.and_then(|policy| policy.clause.clone());
    let mut finding = Finding {
        rule: rule.id.clone(),
        clause: clause.unwrap_or_else(|| rule.clause.clone()),
        severity: decided_by
            .and_then(|policy| policy.severity)
            .unwrap_or(rule.severity),
        reason: draft.reason,
        at: draft.at,
        between,
        certainty: None,
        placement: Vec::new(),
        during: draft.during,
        culprit: draft.culprit,
        processor: things.processors().id(draft.processor).clone(),
        subjects,
        whom: Whom::Unasked,
        fields,
        because,
        witness: draft.witness.iter().map(|act| case.history.step(*act)).collect(),
        sentence: String::new(),
        fingerprints: Vec::new(),
        place: draft.place,
        about: Arc::clone(&rule.about),
    };
    let act = draft.act.map(|number| case.history.step_of(case.act(number)));
    finding.sentence = sentence(&finding, &rule.check, act.as_ref(), &case.header.zone);
    if let Some(advice) = decided_by.and_then(|policy| policy.advice.as_ref()) {
        finding.sentence.push(' ');
        finding.sentence.push_str(advice);
    }
    finding.fingerprints = fingerprints(&finding, act.as_ref());
    finding
}

/// Of a draft about an act at the instant of the act: the bounds of that instant, where only they are known.
fn bounds(case: &Case<'_>, draft: &Draft) -> Option<(Instant, Instant)> {
    let act = case.act(draft.act?);
    act.when.bounds().filter(|_| act.at == draft.at)
}

/// Hashes of what stays the same when acts are renamed and instants shift: rule, reason, kind of act, purpose,
/// actor, recipient, and one field each. About a fact, its processor stands for the actor.
fn fingerprints(finding: &Finding, act: Option<&crate::model::finding::Step>) -> Vec<String> {
    let mut parts = vec![finding.rule.as_str(), &finding.reason];
    if let Some(step) = act {
        parts.push(step.kind.as_str());
        parts.push(step.purpose.as_ref().map_or("", |id| id.as_str()));
        parts.push(step.actor.as_ref().map_or("", |id| id.as_str()));
        parts.push(step.recipient.as_ref().map_or("", |id| id.as_str()));
    } else {
        // Names made from things, such as `move:PROCESSOR:COUNTRY`, say what the fact is; other ids may be renamed.
        let made = match &finding.culprit {
            Culprit::Fact(name) if name.starts_with("move:") || name.starts_with("evidence:") => {
                name.as_str()
            }
            Culprit::Fact(_) | Culprit::Event(_) => "",
        };
        parts.extend(["fact", made]);
    }
    parts.push(finding.processor.as_str());
    let fields: Vec<&str> = finding.fields.iter().map(FieldId::as_str).collect();
    hashed(&parts, &fields)
}

/// Fingerprints from what lasts: one for each field, or a single one without fields; 32 hexadecimal digits each.
pub fn hashed(parts: &[&str], fields: &[&str]) -> Vec<String> {
    let mut base = blake3::Hasher::new_derive_key("wherefore finding fingerprint 1");
    for part in parts {
        base.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        base.update(part.as_bytes());
    }
    let print = |field: &str| {
        let mut hasher = base.clone();
        hasher.update(field.as_bytes());
        let mut text = hasher.finalize().to_hex().to_string();
        text.truncate(32);
        text
    };
    if fields.is_empty() {
        vec![print("")]
    } else {
        fields.iter().map(|field| print(field)).collect()
    }
}
