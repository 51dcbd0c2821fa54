//! A finding in GraphQL.

use std::fmt::Write as _;

use async_graphql::{ComplexObject, Context, ID, InputObject, Result, SimpleObject};

use super::act::Place;
use super::commit::Clock;
use super::step::{Step, texts};
use super::time::{Bounds, DateTime, Placed, Stretch, instant};
use super::words::{Certainty, Severity};
use super::{global, snapshot};
use crate::model::fact;
use crate::model::finding::{self, Culprit};
use crate::model::time::Zone;
use crate::release;

/// What is wrong, since when, against which clause, with the chain of acts that proves it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Finding {
    /// Names the finding in this API.
    pub id: ID,
    /// The id of the rule that it breaks.
    rule: String,
    /// The clause that the rule stands for.
    clause: String,
    /// How bad it is.
    severity: Severity,
    /// A stable code that says in which way the rule is broken.
    reason: String,
    /// Since when it is wrong; at the earliest, where only the bounds of that are known.
    at: DateTime,
    /// The bounds of that instant, where only they are known.
    between: Option<Bounds>,
    /// How sure it is; null where all instants are known.
    certainty: Option<Certainty>,
    /// Of a possible finding: where it takes acts of uncertain times to be. The witness proves it there.
    placement: Vec<Placed>,
    /// Of a finding listed as possible because acts only may have carried data: the ids of those acts that it takes to
    /// have. Otherwise empty.
    supposes: Vec<String>,
    /// Of a standing act: when it is wrong, in order; `at` is the beginning. Otherwise empty.
    during: Vec<Stretch>,
    /// What is wrong: the id of an act or of another fact, or a name made from one, such as `move:ride-hail:SG`.
    culprit: String,
    /// The id of the act that is wrong; null when something else is.
    act: Option<String>,
    /// The fact that is wrong, or a name made from it; null when an act is wrong.
    fact: Option<String>,
    /// Who answers for it: the system that acted.
    processor: String,
    /// Its organization at that instant, the outermost that it lies inside; null when it lies inside none.
    owner: Option<String>,
    /// Whose data it is about, sorted.
    subjects: Vec<String>,
    /// Which data it is about, sorted.
    fields: Vec<String>,
    /// The facts that decide it, sorted.
    because: Vec<String>,
    /// The acts that prove it, in order.
    witness: Vec<Step>,
    /// One sentence for people.
    sentence: String,
    /// Name what is wrong without instants and ids of acts, so that two states of the facts can be compared: one
    /// for each field, in the order of `fields`, or a single one without fields. Findings of the same kind between
    /// the same parties share them.
    fingerprints: Vec<String>,
    /// Where the act or fact stands, when it came from a document.
    place: Option<Place>,
    /// Articles of law that the rule also stands for.
    law: Vec<String>,
    /// What to do about it.
    advice: Option<String>,
    /// Where the text can be read that the rule stands for.
    link: Option<String>,
    /// Whether the rule stands for a standard that nobody is bound to by law.
    voluntary: bool,
    #[graphql(skip)]
    found: Box<finding::Finding>,
}

/// A decision to put up with a finding.
#[derive(SimpleObject)]
pub struct Suppression {
    /// The id of the suppression.
    id: String,
    /// The finding counts again from this instant on.
    until: DateTime,
    /// Who decided.
    by: String,
    /// For what reason.
    why: String,
}

#[ComplexObject]
impl Finding {
    /// The decisions in force that cover it, in the order of the record: a release check does not fail for it. Empty
    /// when it counts.
    async fn suppressed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In force at this instant; if absent, now.")] today: Option<DateTime>,
    ) -> Result<Vec<Suppression>> {
        let snapshot = snapshot::of(ctx)?;
        let Clock(clock) = ctx.data::<Clock>()?;
        let today = instant(today.as_ref()).unwrap_or_else(clock);
        let suppressions = snapshot.suppressions();
        let zone = snapshot.zone();
        let held = release::suppress(vec![(*self.found).clone()], &suppressions, today, zone);
        let covering = held
            .findings
            .iter()
            .zip(&held.covering)
            .find(|(found, _)| **found == *self.found);
        let suppression = |fact: &&fact::Suppression| Suppression {
            id: fact.id.to_string(),
            until: DateTime::new(fact.until, zone),
            by: fact.by.clone(),
            why: fact.why.clone(),
        };
        Ok(covering.map_or_else(Vec::new, |(_, covering)| {
            covering.iter().map(suppression).collect()
        }))
    }
}

impl Finding {
    /// The finding, with instants in this zone.
    pub fn new(finding: &finding::Finding, zone: &Zone) -> Self {
        let culprit = finding.culprit.as_str().to_owned();
        let is_act = matches!(finding.culprit, Culprit::Event(_));
        Self {
            id: global::id(global::Kind::Finding, &key(finding)),
            rule: finding.rule.to_string(),
            clause: finding.clause.clone(),
            severity: finding.severity.into(),
            reason: finding.reason.clone(),
            at: DateTime::new(finding.at, zone),
            between: finding.between.map(|bounds| Bounds::new(bounds, zone)),
            certainty: finding.certainty.map(Into::into),
            placement: Placed::all(&finding.placement, zone),
            supposes: texts(&finding.supposes),
            during: finding
                .during
                .iter()
                .map(|during| Stretch::new(*during, zone))
                .collect(),
            act: is_act.then(|| culprit.clone()),
            fact: (!is_act).then(|| culprit.clone()),
            culprit,
            processor: finding.processor.to_string(),
            owner: finding.owner.as_ref().map(ToString::to_string),
            subjects: texts(&finding.subjects),
            fields: texts(&finding.fields),
            because: finding.because.clone(),
            law: finding.about.law.clone(),
            advice: finding.about.advice.clone(),
            link: finding.about.link.clone(),
            voluntary: finding.about.voluntary,
            found: Box::new(finding.clone()),
            witness: Step::all(&finding.witness, zone),
            sentence: finding.sentence.clone(),
            fingerprints: finding.fingerprints.clone(),
            place: finding.place.as_ref().map(Into::into),
        }
    }
}

/// Names one finding among all: 32 hexadecimal digits. The fingerprints do not, because findings that
/// differ only in instants and acts share them.
pub fn key(finding: &finding::Finding) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n{}\n{}",
        finding.rule,
        finding.reason,
        finding.at.micros(),
        finding.culprit.as_str(),
        finding.processor
    );
    // Of one finding, what is sure and what is possible may differ in nothing else.
    if let Some(certainty) = finding.certainty {
        let _ = write!(text, "\nc{}", certainty.as_str());
    }
    for subject in &finding.subjects {
        let _ = write!(text, "\ns{subject}");
    }
    for field in &finding.fields {
        let _ = write!(text, "\nf{field}");
    }
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

/// Which findings are wanted: those that fit everything that is given.
#[derive(InputObject, Default, PartialEq)]
pub struct FindingFilter {
    /// Of the rule with this id.
    rule: Option<String>,
    /// With this reason code.
    reason: Option<String>,
    /// Of this clause, or of one that it contains: `ZC-5` fits `ZC-5.1.1`.
    clause: Option<String>,
    /// Of this severity.
    severity: Option<Severity>,
    /// For which this processor answers, or something inside it as its organization.
    processor: Option<String>,
    /// About data of this subject.
    subject: Option<String>,
    /// About this field.
    field: Option<String>,
    /// About this act or other fact.
    culprit: Option<String>,
    /// With this fingerprint.
    fingerprint: Option<String>,
    /// As sure as this; where all instants are known, and nothing possible is listed, no finding says how sure it is.
    certainty: Option<Certainty>,
}

impl FindingFilter {
    /// Only findings about these, as far as they are given.
    pub fn about(subject: Option<String>, field: Option<String>, processor: Option<String>) -> Self {
        Self {
            processor,
            subject,
            field,
            ..Self::default()
        }
    }

    /// Whether nothing is asked of a finding.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the finding is wanted.
    pub fn fits(&self, finding: &finding::Finding) -> bool {
        let same = |wanted: &Option<String>, have: &str| wanted.as_ref().is_none_or(|wanted| wanted == have);
        same(&self.rule, finding.rule.as_str())
            && same(&self.reason, &finding.reason)
            && (self.processor.as_ref()).is_none_or(|wanted| finding.is_of(wanted))
            && same(&self.culprit, finding.culprit.as_str())
            && (self.fingerprint.as_ref()).is_none_or(|wanted| finding.fingerprints.contains(wanted))
            && self
                .clause
                .as_ref()
                .is_none_or(|clause| contains(clause, &finding.clause))
            && self
                .certainty
                .is_none_or(|certainty| finding.certainty.map(Into::into) == Some(certainty))
            && self
                .severity
                .is_none_or(|severity| severity == finding.severity.into())
            && (self.subject.as_ref())
                .is_none_or(|wanted| finding.subjects.iter().any(|id| id.as_str() == wanted))
            && (self.field.as_ref())
                .is_none_or(|wanted| finding.fields.iter().any(|id| id.as_str() == wanted))
    }
}

/// Whether the inner clause is the outer one or part of it. `ZC-5.1` does not contain `ZC-5.10`.
fn contains(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_clause_contains_its_parts_and_not_its_neighbors() {
        for inner in ["ZC-5", "ZC-5.1", "ZC-5.1.1", "ZC-5a"] {
            assert!(contains("ZC-5", inner), "{inner}");
        }
        for inner in ["ZC-50", "ZC-4", "ZC", "PR-ZC-5"] {
            assert!(!contains("ZC-5", inner), "{inner}");
        }
    }
}
