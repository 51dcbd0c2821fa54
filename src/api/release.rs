//! What a change would do to the findings, what commits have done to them, and findings put up with.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::finding::Finding;
use super::time::{DateTime, instant};
use super::{commit, error, snapshot};
use crate::db::{Batch, Db, Snapshot};
use crate::import::Format;
use crate::model::finding;
use crate::model::findings::Findings;
use crate::model::time::Instant;
use crate::release::{self, change};
use crate::report::baseline::{Between, between};

/// Mostly everything has been judged already, or is judged once; at worst twice.
const COST: usize = 400;

/// At most this many findings of a kind are told; the counts say how many there are.
const TOLD_MAX: usize = 500;

/// How the change is named in places.
const CHANGE: &str = "change";

/// The findings of two states of the facts, compared by fingerprint: ids and instants of acts make no difference.
#[derive(SimpleObject)]
pub struct Comparison {
    /// The instant that both were judged for.
    as_of: DateTime,
    /// How many findings of the state after are new.
    new_count: usize,
    /// New findings, in their order; at most 500.
    new_findings: Vec<Finding>,
    /// How many findings of the state after were there before.
    known_count: usize,
    /// How many findings of the state before are gone.
    mended_count: usize,
    /// Findings of the state before that are gone, in their order; at most 500.
    mended_findings: Vec<Finding>,
}

impl Comparison {
    fn new(before: &Findings, after: &Findings, state: &Snapshot, as_of: Instant) -> Self {
        let zone = state.zone();
        let Between { new, mended } = between(before, after);
        let told = |findings: &[Arc<finding::Finding>]| {
            let first = findings.iter().take(TOLD_MAX);
            first.map(|found| Finding::new(found, zone)).collect()
        };
        Self {
            as_of: DateTime::new(as_of, zone),
            new_count: new.len(),
            new_findings: told(&new),
            known_count: after.len() - new.len(),
            mended_count: mended.len(),
            mended_findings: told(&mended),
        }
    }
}

/// The questions of a release.
#[derive(Default)]
pub struct Release;

#[Object]
impl Release {
    /// What would this change do to the findings? Nothing is written.
    #[graphql(complexity = "COST + child_complexity")]
    async fn check(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Facts to add, as YAML or JSON; beside the sections `replace: {section: [facts]}` and `retract: {section: [ids]}`."
        )]
        change: String,
        #[graphql(desc = "Judge at this instant; if absent, at the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
    ) -> Result<Comparison> {
        let before = snapshot::of(ctx)?;
        let as_of = instant(as_of.as_ref()).unwrap_or(before.as_of());
        let change = change::read(&change, CHANGE, Format::guess(&change))
            .map_err(|problems| error::invalid(&problems))?;
        let after = change::laid(before, change).map_err(|refusal| match refusal {
            change::Refusal::Problems(problems) => error::invalid(&problems),
            change::Refusal::Db(problem) => error::db(&problem),
        })?;
        compared(before, &after, as_of)
    }

    /// What did the commits from one to another do to the findings? Both states are judged for the same instant.
    #[graphql(complexity = "COST + child_complexity")]
    async fn compare(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The facts as they were after this commit.")] base: u64,
        #[graphql(desc = "The facts as they were after this commit; if absent, after the newest.")]
        head: Option<u64>,
        #[graphql(desc = "Judge at this instant; if absent, at the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
    ) -> Result<Comparison> {
        let newest = snapshot::of(ctx)?;
        let as_of = instant(as_of.as_ref()).unwrap_or(newest.as_of());
        for sequence in head.into_iter().chain([base]) {
            if !(1..=newest.sequence()).contains(&sequence) {
                return Err(error::not_found("commit", &sequence.to_string()));
            }
        }
        let (before, after) = newest
            .after_commits(base, head)
            .map_err(|problem| error::db(&problem))?
            .ok_or_else(|| error::not_found("commit", &base.to_string()))?;
        compared(&before, &after, as_of)
    }
}

fn compared(before: &Snapshot, after: &Snapshot, as_of: Instant) -> Result<Comparison> {
    let findings = |state: &Snapshot| state.findings(Some(as_of)).map_err(|problem| error::db(&problem));
    let (before, found) = (findings(before)?, findings(after)?);
    Ok(Comparison::new(&before, &found, after, as_of))
}

/// Findings to put up with.
#[derive(InputObject)]
pub struct SuppressInput {
    /// The findings of this fingerprint: one field of one kind of flow between the same parties.
    fingerprint: String,
    /// They count again from this instant on.
    until: DateTime,
    /// Who decides; kept with the commit too.
    by: String,
    /// For what reason.
    why: String,
    /// The id of the suppression; if absent, one made from the rest.
    id: Option<String>,
}

/// A suppression that was committed.
#[derive(SimpleObject)]
pub struct SuppressPayload {
    /// The id of the suppression.
    id: String,
    /// The number of the commit; of the last one before, if the same was on record.
    sequence: u64,
}

/// Decisions about findings.
#[derive(Default)]
pub struct Decisions;

#[Object]
impl Decisions {
    /// Puts up with findings until an instant, in somebody's name. The decision is a fact like others. A release
    /// check does not fail for them; `findings` shows them, and `suppressed` of each says by which decision.
    async fn suppress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which findings, until when, by whose decision.")] input: SuppressInput,
    ) -> Result<SuppressPayload> {
        let db = ctx.data::<Db>()?;
        let commit::Clock(clock) = ctx.data::<commit::Clock>()?;
        let Some(until) = instant(Some(&input.until)) else {
            return Err(error::input("`until` is no instant"));
        };
        let newest = db.snapshot();
        let mut document = newest
            .document_of(Vec::new())
            .map_err(|problem| error::db(&problem))?;
        let stated = release::suppression(
            input.id,
            &input.fingerprint,
            until,
            &input.by,
            &input.why,
            newest.zone(),
        )
        .map_err(|problems| error::invalid(&problems))?;
        let id = stated.fact.id().unwrap_or_default().to_owned();
        document.facts.push(stated);
        let mut batch = Batch::of(document);
        batch.author = Some(input.by);
        let receipt = db
            .commit(batch, clock())
            .map_err(|problem| error::commit(&problem))?;
        Ok(SuppressPayload {
            id,
            sequence: receipt.sequence,
        })
    }
}
