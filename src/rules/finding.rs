//! From a draft to a finding: names, witness steps, sentence, fingerprints.

use std::sync::{Arc, LazyLock};

use super::case::Case;
use super::draft::Draft;
use super::sentence::sentence;
use crate::flow::Policy;
use crate::graph::{ActNo, ProcessorNo};
use crate::model::finding::{Culprit, Finding, Step, Whom};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::model::time::{Instant, Stretch};

/// What a finding says, in any order and with doubles.
#[derive(Debug)]
pub struct Made {
    /// As in [`Finding`], like all that follows.
    pub reason: String,
    /// Since when.
    pub at: Instant,
    /// When it is wrong.
    pub during: Vec<Stretch>,
    /// The act or fact.
    pub culprit: Culprit,
    /// Where that stands.
    pub place: Option<Place>,
    /// Who answers for it.
    pub processor: ProcessorId,
    /// Whose data.
    pub subjects: Vec<SubjectId>,
    /// Which data.
    pub fields: Vec<FieldId>,
    /// Deciding facts.
    pub because: Vec<String>,
    /// The acts that prove it.
    pub witness: Vec<Step>,
}

/// Makes the finding of a rule from a draft.
pub fn assemble(case: &Case<'_>, rule: &Rule, draft: Draft) -> Arc<Finding> {
    let things = &case.history.things;
    // Mostly the last act of the witness is the act itself, as it stands on record.
    let is_last = |number: ActNo| {
        draft.witness.last() == Some(&number) && std::ptr::eq(case.act(number), case.history.act(number))
    };
    let act = match draft.act {
        None => OfAct::None,
        Some(number) if case.moment(number).is_none() && is_last(number) => OfAct::Last,
        Some(number) => OfAct::Step(case.history.step_of(case.act(number))),
    };
    let made = Made {
        reason: draft.reason,
        at: draft.at,
        during: draft.during,
        culprit: draft.culprit,
        place: draft.place,
        processor: things.processors().id(draft.processor).clone(),
        subjects: draft
            .subjects
            .iter()
            .map(|subject| case.history.subjects().id(*subject).clone())
            .collect(),
        fields: draft
            .fields
            .iter()
            .map(|field| things.fields().id(*field).clone())
            .collect(),
        because: draft.because,
        witness: draft.witness.iter().map(|act| case.history.step(*act)).collect(),
    };
    seal(case, rule, draft.decided_by.as_deref(), made, &act)
}

/// The act that a finding is about.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, on its way into a finding"
)]
pub enum OfAct {
    /// It is about no act.
    None,
    /// The last of its witness.
    Last,
    /// This one.
    Step(Step),
}

/// Puts in order what a finding says, and adds sentence and fingerprints.
pub fn seal(
    case: &Case<'_>,
    rule: &Rule,
    decided_by: Option<&Policy>,
    mut made: Made,
    act: &OfAct,
) -> Arc<Finding> {
    made.subjects.sort_unstable();
    made.subjects.dedup();
    made.fields.sort_unstable();
    made.fields.dedup();
    made.because.sort_unstable();
    made.because.dedup();
    let clause = decided_by.and_then(|policy| policy.clause.clone());
    let mut finding = Finding {
        rule: rule.id.clone(),
        clause: clause.unwrap_or_else(|| rule.clause.clone()),
        severity: decided_by
            .and_then(|policy| policy.severity)
            .unwrap_or(rule.severity),
        reason: made.reason,
        at: made.at,
        between: None,
        certainty: None,
        placement: Vec::new(),
        supposes: Vec::new(),
        during: made.during,
        culprit: made.culprit,
        owner: owner_of(case, &made.processor, made.at),
        processor: made.processor,
        subjects: case.history.cohorts().fold(made.subjects),
        whom: Whom::Unasked,
        fields: made.fields,
        because: made.because,
        witness: made.witness,
        sentence: String::new(),
        fingerprints: Vec::new(),
        place: made.place,
        about: Arc::clone(&rule.about),
    };
    let step = match act {
        OfAct::None => None,
        OfAct::Last => finding.witness.last(),
        OfAct::Step(step) => Some(step),
    };
    let fingerprints = fingerprints(&finding, step);
    // Of what is wrong with an act at its instant: the bounds of that, where only they are known.
    let between = step.and_then(|step| step.between.filter(|_| step.at == finding.at));
    finding.between = between;
    finding.sentence = sentence(&finding, &rule.check, step, &case.header.zone);
    finding.fingerprints = fingerprints;
    if let Some(advice) = decided_by.and_then(|policy| policy.advice.as_ref()) {
        finding.sentence.push(' ');
        finding.sentence.push_str(advice);
    }
    // Findings are large to move.
    Arc::new(finding)
}

fn owner_of(case: &Case<'_>, processor: &ProcessorId, at: Instant) -> Option<ProcessorId> {
    owner(case, case.processor(processor)?, at)
}

/// The organization of a processor at the instant, when that is another.
pub fn owner(case: &Case<'_>, processor: ProcessorNo, at: Instant) -> Option<ProcessorId> {
    let organization = case.history.things.organization(processor, at);
    (organization != processor).then(|| case.processor_id(organization).clone())
}

/// Hashes of what stays the same when acts are renamed and instants shift: rule, reason, kind of act, purpose,
/// actor, recipient, and one field each. About a fact, its processor stands for the actor.
fn fingerprints(finding: &Finding, act: Option<&Step>) -> Vec<String> {
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
    static BEGUN: LazyLock<blake3::Hasher> =
        LazyLock::new(|| blake3::Hasher::new_derive_key("wherefore finding fingerprint 1"));
    // A hasher is large; bytes are gathered, so that each print copies one alone.
    let mut base: Vec<u8> = Vec::with_capacity(256);
    for part in parts {
        base.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        base.extend_from_slice(part.as_bytes());
    }
    let lasting = base.len();
    let mut print = |field: &str| {
        base.truncate(lasting);
        base.extend_from_slice(field.as_bytes());
        let hash = BEGUN.clone().update(&base).finalize();
        hash.to_hex()[..32].to_owned()
    };
    if fields.is_empty() {
        vec![print("")]
    } else {
        fields.iter().map(|field| print(field)).collect()
    }
}
