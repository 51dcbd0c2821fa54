//! Questions for findings.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use rustc_hash::FxHashSet;

use super::finding::{Finding, FindingFilter, key};
use super::moment::RecordMoment;
use super::page::{self, Page, Wanted};
use super::time::{DateTime, instant};
use super::{error, snapshot};
use crate::db::Snapshot;
use crate::model::finding;
use crate::model::findings as model;
use crate::model::id::FactId;
use crate::model::rule::Check;
use crate::packs;
use crate::release;

/// What it costs to judge as if all acts had carried that only may have: as much as a question about everybody.
const COST_OF_POSSIBLE: usize = 2_000;

/// What a page of findings costs.
fn cost(possible: bool, first: Option<i32>, last: Option<i32>, each: usize) -> usize {
    let more = if possible { COST_OF_POSSIBLE } else { 0 };
    page::cost(first, last, each).saturating_add(more)
}

/// Findings.
#[derive(Default)]
pub struct Findings;

#[Object]
impl Findings {
    /// What is wrong: all findings of all rules, by instant, then in the order of the rules.
    #[graphql(complexity = "cost(possible, first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is an argument of the GraphQL field"
    )]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only findings that fit this.")] filter: Option<FindingFilter>,
        #[graphql(desc = "This many from the beginning: 50 if absent, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Behind the entry of this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, at most 500; not together with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Before the entry of this cursor.")] before: Option<String>,
        #[graphql(desc = "Judge at this instant; if absent, at the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(
            desc = "Judge by these rule packs too, such as `zhima-credit:self=zhima`; `wherefore packs` lists them."
        )]
        packs: Option<Vec<String>>,
        #[graphql(
            desc = "Judge by what was recorded up to this moment; if absent, by all that is on record."
        )]
        as_known_at: Option<RecordMoment>,
        #[graphql(
            desc = "List also what would be found if all acts had carried data that only may have: those findings have the certainty POSSIBLE and name the acts in `supposes`. Everything is then judged once more, the first time in each state.",
            default
        )]
        possible: bool,
    ) -> Result<Page<Finding>> {
        let snapshot = snapshot::known_at(ctx, as_known_at.as_ref())?;
        let wanted = Wanted {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default();
        let snapshot = held_to(&snapshot, packs.as_deref())?;
        let found = if possible {
            release::possible::all(&snapshot, instant(as_of.as_ref()))
                .map_err(|problem| error::db(&problem))?
        } else {
            all(&snapshot, as_of.as_ref())?
        };
        let fits = (!filter.is_empty()).then_some(|finding: &finding::Finding| filter.fits(finding));
        list(&snapshot, &found, &wanted, fits)
    }

    /// What happened to data without an authorization that covers it: findings of the rules whose check is
    /// `authorized`.
    #[graphql(complexity = "page::cost(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is an argument of the GraphQL field"
    )]
    async fn unauthorized(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only about data of this subject.")] subject: Option<String>,
        #[graphql(desc = "Only about this field.")] field: Option<String>,
        #[graphql(desc = "Only acts that this processor answers for.")] processor: Option<String>,
        #[graphql(desc = "This many from the beginning: 50 if absent, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Behind the entry of this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, at most 500; not together with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Before the entry of this cursor.")] before: Option<String>,
        #[graphql(desc = "Judge at this instant; if absent, at the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(
            desc = "Judge by these rule packs too, such as `zhima-credit:self=zhima`; `wherefore packs` lists them."
        )]
        packs: Option<Vec<String>>,
        #[graphql(
            desc = "Judge by what was recorded up to this moment; if absent, by all that is on record."
        )]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Page<Finding>> {
        let snapshot = snapshot::known_at(ctx, as_known_at.as_ref())?;
        let wanted = Wanted {
            first,
            after,
            last,
            before,
        };
        let filter = FindingFilter::about(subject, field, processor);
        let snapshot = held_to(&snapshot, packs.as_deref())?;
        let rules: Vec<&FactId> = (snapshot.rules().into_iter())
            .filter(|rule| matches!(rule.check, Check::Authorized { .. }))
            .map(|rule| &rule.id)
            .collect();
        let found = all(&snapshot, as_of.as_ref())?;
        let fits = |finding: &finding::Finding| filter.fits(finding) && rules.contains(&&finding.rule);
        list(&snapshot, &found, &wanted, Some(fits))
    }

    /// The first finding with this fingerprint. `findings` with the fingerprint as filter gives all of them.
    async fn finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "32 hexadecimal digits.")] fingerprint: String,
        #[graphql(desc = "Judge at this instant; if absent, at the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(
            desc = "Judge by these rule packs too, such as `zhima-credit:self=zhima`; `wherefore packs` lists them."
        )]
        packs: Option<Vec<String>>,
        #[graphql(
            desc = "Judge by what was recorded up to this moment; if absent, by all that is on record."
        )]
        as_known_at: Option<RecordMoment>,
    ) -> Result<Finding> {
        let snapshot = snapshot::known_at(ctx, as_known_at.as_ref())?;
        let snapshot = held_to(&snapshot, packs.as_deref())?;
        let prints = FxHashSet::from_iter([fingerprint.as_str()]);
        let found = all(&snapshot, as_of.as_ref())?
            .of_prints(&prints)
            .next()
            .map(|finding| Ok(Finding::new(finding, snapshot.zone())));
        found.unwrap_or_else(|| Err(error::not_found("finding with the fingerprint", &fingerprint)))
    }
}

/// The facts held to rule packs too. Only packs inside the program can be named: a caller has no business with the
/// files of the server.
fn held_to(snapshot: &Snapshot, packs: Option<&[String]>) -> Result<Snapshot> {
    match packs {
        None | Some([]) => Ok(snapshot.clone()),
        Some(specs) => packs::built_in(specs)
            .and_then(|bound| snapshot.with_packs(&bound))
            .map_err(|problem| error::pack(&problem)),
    }
}

/// All findings in their order. They are kept for each state of the facts and its packs, so that paging does not judge
/// again; after a commit only what it can have changed is judged.
pub fn all(snapshot: &Snapshot, as_of: Option<&DateTime>) -> Result<Arc<model::Findings>> {
    snapshot
        .findings(instant(as_of))
        .map_err(|problem| error::db(&problem))
}

/// A page of those that fit, or of all if nothing is asked of them: then the others are not looked at.
fn list(
    snapshot: &Snapshot,
    found: &model::Findings,
    wanted: &Wanted,
    fits: Option<impl Fn(&finding::Finding) -> bool>,
) -> Result<Page<Finding>> {
    let zone = snapshot.zone();
    let make = |finding: &finding::Finding| Finding::new(finding, zone);
    let Some(fits) = fits else {
        return page::cut(found.len(), |place| &*found[place], wanted, key, make);
    };
    let fitting: Vec<&finding::Finding> = (found.iter().map(Arc::as_ref))
        .filter(|finding| fits(finding))
        .collect();
    page::cut(fitting.len(), |place| fitting[place], wanted, key, make)
}
