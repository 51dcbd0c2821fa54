//! All records of a fact, and what changed between two states.

#![allow(clippy::too_many_arguments, reason = "each is an argument of a GraphQL field")]

use async_graphql::{Context, Object, Result, SimpleObject};

use super::act::Place;
use super::finding::Finding;
use super::moment::{RecordMoment, moment};
use super::step::texts;
use super::time::{DateTime, instant};
use super::words::Verdict;
use super::{error, snapshot};
use crate::db;
use crate::model::comparison::{HeldCopy, Moment};
use crate::model::id::SubjectId;
use crate::model::time::Zone;
use crate::model::word::{self, Section};

/// One record of a fact: what was stated first, what corrected it, or what took it back.
#[derive(SimpleObject)]
pub struct Version {
    /// The section of the fact.
    section: &'static str,
    /// The number of the commit that brought it.
    sequence: Option<u64>,
    /// When that commit was recorded.
    committed_at: Option<DateTime>,
    /// When its source says that it was recorded.
    recorded_at: Option<RecordMoment>,
    /// What was stated, as JSON text.
    item: String,
    /// Where it stood, when it came from a document.
    place: Place,
    /// Whether it is what stands.
    stands: bool,
}

impl Version {
    fn new(section: Section, version: &db::Version, zone: &Zone) -> Self {
        Self {
            section: section.as_str(),
            sequence: version.number.map(|number| number.sequence),
            committed_at: version.committed.map(|at| DateTime::new(at, zone)),
            recorded_at: (version.stated.recording.recorded).map(|at| RecordMoment::new(at, zone)),
            item: version.item(),
            place: (&version.stated.place).into(),
            stands: version.stands,
        }
    }
}

/// A copy that somebody held.
#[derive(SimpleObject)]
pub struct CopyHeld {
    /// Who held it.
    processor: String,
    /// Which data.
    field: String,
    /// Whose data.
    subject: String,
    /// The act by which it was acquired.
    via: String,
    /// In which role: own, delegated, assigned or contradicted.
    role: &'static str,
    /// Since when.
    since: DateTime,
}

impl CopyHeld {
    fn all(copies: &[HeldCopy], zone: &Zone) -> Vec<Self> {
        copies
            .iter()
            .map(|copy| Self {
                processor: copy.processor.to_string(),
                field: copy.field.to_string(),
                subject: copy.subject.to_string(),
                via: copy.via.to_string(),
                role: copy.role.as_str(),
                since: DateTime::new(copy.since, zone),
            })
            .collect()
    }
}

/// What changed from one state of the facts to another.
#[derive(SimpleObject)]
pub struct ComparisonAnswer {
    /// Yes, if anything changed.
    verdict: Verdict,
    /// Copies that are held now and were not.
    copies_added: Vec<CopyHeld>,
    /// Copies that were held and are not now.
    copies_removed: Vec<CopyHeld>,
    /// Ids of authorizations that are in force now and were not, or said something else.
    authorizations_added: Vec<String>,
    /// Ids of authorizations that were in force and are not now, or say something else now.
    authorizations_removed: Vec<String>,
    /// Findings that there were not.
    findings_added: Vec<Finding>,
    /// Findings that there are no longer.
    findings_removed: Vec<Finding>,
    /// The number of the newest commit that the answer knows.
    sequence: u64,
    /// The hash chain of the facts at that commit.
    head: String,
}

/// What the record knew when.
#[derive(Default)]
pub struct Histories;

#[Object]
impl Histories {
    /// Every record of the fact of this id, in the order of the record: nothing that was ever stated is lost.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of a fact.")] id: String,
        #[graphql(desc = "Its section in the fact file, such as `events`; if absent, all sections.")] section: Option<
            String,
        >,
    ) -> Result<Vec<Version>> {
        let snapshot = snapshot::of(ctx)?;
        let sections =
            match &section {
                None => Section::ALL.to_vec(),
                Some(word) => vec![Section::parse(word).ok_or_else(|| {
                    error::input(format!("`section` is one of {}", Section::WORDS.join(", ")))
                })?],
            };
        let mut versions = Vec::new();
        for section in sections {
            let found = snapshot
                .versions(section, &id)
                .map_err(|problem| error::db(&problem))?;
            versions.extend(
                found
                    .iter()
                    .map(|version| Version::new(section, version, snapshot.zone())),
            );
        }
        Ok(versions)
    }

    /// What changed between two instants, and between what was known at two moments: copies held, authorizations in
    /// force, findings. All facts are read and judged at both.
    #[graphql(complexity = "1000 + child_complexity")]
    async fn compare(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Compare with what held at this instant; if absent, at `asOf`.")]
        before_as_of: Option<DateTime>,
        #[graphql(desc = "Compare with what was recorded up to this moment; if absent, up to `asKnownAt`.")]
        before_known_at: Option<RecordMoment>,
        #[graphql(desc = "What held at this instant; if absent, at the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
        #[graphql(desc = "Only what is about this subject.")] subject: Option<String>,
    ) -> Result<ComparisonAnswer> {
        let snapshot = snapshot::of(ctx)?;
        let after = Moment {
            as_of: instant(as_of.as_ref()).unwrap_or(snapshot.as_of()),
            known_at: moment(as_known_at.as_ref()),
        };
        let before = Moment {
            as_of: instant(before_as_of.as_ref()).unwrap_or(after.as_of),
            known_at: moment(before_known_at.as_ref()).or(after.known_at),
        };
        let subject = subject.as_deref().map(SubjectId::from);
        let comparison = snapshot
            .compare(before, after, subject.as_ref())
            .map_err(|problem| error::db(&problem))?;
        let zone = snapshot.zone();
        let findings = |list: &[crate::model::finding::Finding]| {
            list.iter().map(|found| Finding::new(found, zone)).collect()
        };
        let verdict = if comparison.is_empty() {
            word::Verdict::No
        } else {
            word::Verdict::Yes
        };
        Ok(ComparisonAnswer {
            verdict: verdict.into(),
            copies_added: CopyHeld::all(&comparison.copies.added, zone),
            copies_removed: CopyHeld::all(&comparison.copies.removed, zone),
            authorizations_added: texts(&comparison.authorizations.added),
            authorizations_removed: texts(&comparison.authorizations.removed),
            findings_added: findings(&comparison.findings.added),
            findings_removed: findings(&comparison.findings.removed),
            sequence: snapshot.sequence(),
            head: snapshot.head(),
        })
    }
}
