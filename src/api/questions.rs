//! The questions about one subject's data.

#![allow(clippy::too_many_arguments, reason = "each is an argument of a GraphQL field")]

use async_graphql::{Context, InputObject, Object, Result};

use super::answer::{
    CrossingsAnswer, DownstreamAnswer, Ground, HoldersAnswer, Holding, ReachAnswer, Source, SourcesAnswer,
    Use, UsesAnswer,
};
use super::moment::RecordMoment;
use super::time::{DateTime, instant};
use super::words::Ties;
use super::{error, snapshot};
use crate::db::Snapshot;
use crate::model::question::{Answer, Found, Question, ReachQuestion, Window};

/// What a question costs: it looks at every act about its subject.
const COST: usize = 100;

/// A window of time: from `from` on, until before `until`. A missing end is open.
#[derive(InputObject)]
pub(super) struct During {
    /// From here on, it included.
    from: Option<DateTime>,
    /// Until here, it excluded.
    until: Option<DateTime>,
}

impl During {
    pub(super) fn window(&self) -> Window {
        Window {
            from: instant(self.from.as_ref()),
            until: instant(self.until.as_ref()),
        }
    }
}

/// Ids out of an argument.
pub(super) fn ids<T: for<'t> From<&'t str>>(list: Option<Vec<String>>) -> Vec<T> {
    list.unwrap_or_default()
        .iter()
        .map(|id| id.as_str().into())
        .collect()
}

/// The questions.
#[derive(Default)]
pub struct Questions;

#[Object]
impl Questions {
    /// Did data, or anything made from it, ever reach a party? A yes comes with the chain of acts that proves it.
    #[graphql(complexity = "COST + child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is an argument of the GraphQL field"
    )]
    async fn reach(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whom it may have reached: the id of a processor.")] to: String,
        #[graphql(desc = "Whose data: the id of a subject; if absent, anybody's.")] subject: Option<String>,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(
            desc = "Only by way of all of these processors: each had it before its last holder. Four at most."
        )]
        through: Option<Vec<String>>,
        #[graphql(desc = "Only by ways that none of these processors is part of.")] avoiding: Option<
            Vec<String>,
        >,
        #[graphql(desc = "Only what the processor still held at this instant.")] held_at: Option<DateTime>,
        #[graphql(desc = "Only what arrived in this window.")] during: Option<During>,
        #[graphql(
            desc = "Only as personal data: an anonymized copy ends the way.",
            default = false
        )]
        personal_only: bool,
        #[graphql(
            desc = "Also by what carried no values and had a say in what came out: filters, joins, groups.",
            default = false
        )]
        influence: bool,
        #[graphql(desc = "How acts of one instant are taken.", default_with = "Ties::Recorded")] ties: Ties,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<ReachAnswer> {
        let question = Question::Reach(ReachQuestion {
            field: field.as_str().into(),
            from: from.as_deref().map(Into::into),
            to: to.as_str().into(),
            subject: subject.as_deref().map(Into::into),
            through: ids(through),
            avoiding: ids(avoiding),
            personal_only,
            influence,
            held_at: instant(held_at.as_ref()),
            during: during.map_or_else(Window::default, |during| during.window()),
            ties: ties.into(),
        });
        let (ground, found, snapshot) = ask(ctx, &question, as_of.as_ref(), as_known_at.as_ref())?;
        let Found::Reach(reached) = found else {
            return Err(mismatch(&question));
        };
        Ok(ReachAnswer::new(ground, &reached, &snapshot))
    }

    /// Who holds a field of a subject?
    #[graphql(complexity = "COST + child_complexity")]
    async fn holders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "Who held it at this instant; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "How acts of one instant are taken.", default_with = "Ties::Recorded")] ties: Ties,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<HoldersAnswer> {
        let question = Question::Holders {
            field: field.as_str().into(),
            subject: subject.as_str().into(),
            at: instant(at.as_ref()),
            ties: ties.into(),
        };
        let (ground, found, _) = ask(ctx, &question, as_of.as_ref(), as_known_at.as_ref())?;
        let Found::Holders(holders) = found else {
            return Err(mismatch(&question));
        };
        Ok(HoldersAnswer {
            ground,
            holders: super::step::texts(&holders),
        })
    }

    /// By whom, and for which purposes, was a field of a subject used?
    #[graphql(complexity = "COST + child_complexity")]
    async fn uses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<UsesAnswer> {
        let question = Question::Purposes {
            field: field.as_str().into(),
            subject: subject.as_str().into(),
        };
        let (ground, found, _) = ask(ctx, &question, as_of.as_ref(), as_known_at.as_ref())?;
        let Found::Purposes(uses) = found else {
            return Err(mismatch(&question));
        };
        let uses = uses.iter().map(|(processor, purpose)| Use {
            processor: processor.to_string(),
            purpose: purpose.to_string(),
        });
        Ok(UsesAnswer {
            ground,
            uses: uses.collect(),
        })
    }

    /// What carried a subject's data over the border of the home country, and by which lawful route?
    #[graphql(complexity = "COST + child_complexity")]
    async fn crossings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<CrossingsAnswer> {
        let question = Question::Crossings {
            subject: subject.as_str().into(),
        };
        let (ground, found, snapshot) = ask(ctx, &question, as_of.as_ref(), as_known_at.as_ref())?;
        let Found::Crossings(crossings) = found else {
            return Err(mismatch(&question));
        };
        Ok(CrossingsAnswer::new(ground, &crossings, &snapshot))
    }

    /// From what is a field at a processor made, and where was that collected?
    #[graphql(complexity = "COST + child_complexity")]
    async fn sources(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At whom: the id of a processor.")] processor: String,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "How acts of one instant are taken.", default_with = "Ties::Recorded")] ties: Ties,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<SourcesAnswer> {
        let question = Question::Sources {
            processor: processor.as_str().into(),
            field: field.as_str().into(),
            subject: subject.as_str().into(),
            ties: ties.into(),
        };
        let (ground, found, _) = ask(ctx, &question, as_of.as_ref(), as_known_at.as_ref())?;
        let Found::Sources(sources) = found else {
            return Err(mismatch(&question));
        };
        let sources = sources.iter().map(|(processor, field, act)| Source {
            processor: processor.to_string(),
            field: field.to_string(),
            act: act.to_string(),
        });
        Ok(SourcesAnswer {
            ground,
            sources: sources.collect(),
        })
    }

    /// What exists downstream of a field as held by a processor: its copies, and everything made from it?
    #[graphql(complexity = "COST + child_complexity")]
    async fn downstream(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At whom: the id of a processor.")] from: String,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "How acts of one instant are taken.", default_with = "Ties::Recorded")] ties: Ties,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<DownstreamAnswer> {
        let question = Question::Downstream {
            from: from.as_str().into(),
            field: field.as_str().into(),
            subject: subject.as_str().into(),
            ties: ties.into(),
        };
        let (ground, found, _) = ask(ctx, &question, as_of.as_ref(), as_known_at.as_ref())?;
        let Found::Downstream(holdings) = found else {
            return Err(mismatch(&question));
        };
        let holdings = holdings.iter().map(|(processor, field)| Holding {
            processor: processor.to_string(),
            field: field.to_string(),
        });
        Ok(DownstreamAnswer {
            ground,
            holdings: holdings.collect(),
        })
    }
}

pub(super) fn ask(
    ctx: &Context<'_>,
    question: &Question,
    as_of: Option<&DateTime>,
    as_known_at: Option<&RecordMoment>,
) -> Result<(Ground, Found, Snapshot)> {
    let snapshot = snapshot::known_at(ctx, as_known_at)?;
    let mut answer: Answer = snapshot
        .ask(question, instant(as_of))
        .map_err(|problem| error::db(&problem))?;
    Ok((Ground::of(&mut answer, &snapshot), answer.found, snapshot))
}

/// The engine answered another question than it was asked.
#[derive(Debug, thiserror::Error)]
#[error("a question of kind `{0}` was answered as another one")]
struct Mismatch(&'static str);

pub(super) fn mismatch(question: &Question) -> async_graphql::Error {
    error::internal(&Mismatch(question.kind()))
}
